package dev.darter.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArgumentsTest {
    @Test
    void takesValuesInEveryForm() {
        var arguments = dfget("-O", "a", "--tag=b", "--range", "0-9", "-P3", "http://h/x", "-H", "A: 1, 2", "-H=B: 3");

        assertThat(arguments.text(Flag.OUTPUT)).isEqualTo("a");
        assertThat(arguments.text(Flag.TAG)).isEqualTo("b");
        assertThat(arguments.text(Flag.RANGE)).isEqualTo("0-9");
        assertThat(arguments.text(Flag.PRIORITY)).isEqualTo("3");
        assertThat(arguments.all(Flag.HEADER)).containsExactly("A: 1, 2", "B: 3");
        assertThat(arguments.url()).isEqualTo("http://h/x");
        assertThat(arguments.unknown()).isEmpty();
    }

    @Test
    void takesSwitchesAloneTogetherAndWithTheirTruth() {
        var arguments = dfget("-rb", "--json=false", "--disable-back-source");

        assertThat(arguments.on(Flag.RECURSIVE)).isTrue();
        assertThat(arguments.on(Flag.SHOW_PROGRESS)).isTrue();
        assertThat(arguments.on(Flag.JSON)).isFalse();
        assertThat(arguments.on(Flag.DISABLE_BACK_SOURCE)).isTrue();
        assertThatThrownBy(() -> dfget("--json=perhaps"))
                .isInstanceOf(UsageException.class)
                .hasMessage("--json: perhaps (expected: true or false)");
    }

    @Test
    void takesTheLastValueOfAFlagThatHasOne() {
        assertThat(dfget("--tag", "a", "--tag", "b").text(Flag.TAG)).isEqualTo("b");
    }

    @Test
    void takesNoFlagAfterTwoDashes() {
        assertThat(dfget("--", "--json").operands()).containsExactly("--json");
        assertThat(dfget("-").operands()).containsExactly("-");
    }

    @Test
    void missesTheValueOfAFlag() {
        assertThatThrownBy(() -> dfget("http://h/x", "-O"))
                .isInstanceOf(UsageException.class)
                .hasMessage("-O: nothing follows (expected: a value)");
    }

    @Test
    void skipsWhatFollowsAnUnknownFlagUnlessItIsAUrl() {
        assertThat(dfget("--what", "ever", "http://h/x").operands()).containsExactly("http://h/x");
        assertThat(dfget("--what", "http://h/x").operands()).containsExactly("http://h/x");
        assertThat(dfget("--what=ever", "http://h/x", "-z").unknown()).containsExactly("--what", "-z");
    }

    @Test
    void keepsToTheFlagsOfItsTool() {
        assertThat(Arguments.parse(List.of("--workhome=/x", "-r"), Flag.Tool.GET)
                        .unknown())
                .containsExactly("--workhome", "-r");
        assertThat(Arguments.parse(List.of("--launcher", "1", "--tag=x"), Flag.Tool.DAEMON)
                        .unknown())
                .containsExactly("--tag");
    }

    @Test
    void wantsOneUrl() {
        assertThat(dfget("-u", "http://h/x").url()).isEqualTo("http://h/x");
        assertThatThrownBy(() -> dfget().url()).hasMessageStartingWith("url: none given");
        assertThatThrownBy(() -> dfget("http://h/x", "http://h/y").url())
                .hasMessage("arguments: 2 (expected: one URL)");
    }

    @Test
    void helpsWithEveryFlagOfTheToolAndNoOther() {
        for (Flag flag : Flag.values()) {
            assertThat(Flag.help(Flag.Tool.GET).contains(flag.written() + " ")).isEqualTo(flag.isFor(Flag.Tool.GET));
        }
    }

    private static Arguments dfget(String... words) {
        return Arguments.parse(List.of(words), Flag.Tool.DFGET);
    }
}

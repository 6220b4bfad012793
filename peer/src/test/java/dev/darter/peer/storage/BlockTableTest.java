package dev.darter.peer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darter.core.Sha256;
import dev.darter.peer.storage.TaskContent.Proven;
import org.junit.jupiter.api.Test;

class BlockTableTest {
    private static final Sha256 ONE = new Sha256(1, 1, 1, 1);
    private static final Sha256 OTHER = new Sha256(2, 2, 2, 2);

    private final BlockTable blocks = new BlockTable();

    @Test
    void aStagedBlockIsHereAndNotReadable() {
        blocks.stage(3, ONE);
        blocks.publish(4, ONE);
        assertThat(blocks.areHere(3, 5)).isTrue();
        assertThat(blocks.areReadable(3, 5)).isFalse();
        assertThat(blocks.areReadable(4, 5)).isTrue();
        blocks.publish(3, ONE);
        assertThat(blocks.staged(3)).isEmpty();
        assertThat(blocks.areReadable(3, 5)).isTrue();
    }

    @Test
    void aProofOfABlockThatWaitsDecidesOverIt() {
        blocks.stage(0, ONE);
        blocks.stage(1, ONE);
        assertThat(blocks.prove(0, ONE)).isEqualTo(Proven.PUBLISHED);
        assertThat(blocks.prove(1, OTHER)).isEqualTo(Proven.WRONG);
        assertThat(blocks.areHere(0, 1)).as("until the caller publishes it").isFalse();
        assertThat(blocks.staged(1)).isEmpty();
    }

    @Test
    void aProofThatComesFirstDecidesOverWhatComes() {
        assertThat(blocks.agrees(0, ONE)).as("nothing speaks against it").isTrue();
        assertThat(blocks.prove(0, ONE)).isEqualTo(Proven.NOTED);
        assertThat(blocks.agrees(0, ONE)).isTrue();
        assertThat(blocks.agrees(0, OTHER)).isFalse();
        assertThat(blocks.prove(0, OTHER)).isEqualTo(Proven.CONTRADICTED);
        assertThat(blocks.proven(0)).contains(ONE);
    }

    @Test
    void aProofOfAReadableBlockAgreesOrContradicts() {
        blocks.publish(0, ONE);
        assertThat(blocks.prove(0, OTHER)).isEqualTo(Proven.CONTRADICTED);
        assertThat(blocks.proven(0)).isEmpty();
        assertThat(blocks.unproven().stream()).containsExactly(0);
        assertThat(blocks.prove(0, ONE)).isEqualTo(Proven.AGREES);
        assertThat(blocks.unproven().isEmpty()).isTrue();
    }

    @Test
    void aBlockThatComesAnewIsNotInDoubt() {
        blocks.publish(0, ONE);
        blocks.publish(2, ONE);
        blocks.doubtAll();
        assertThat(blocks.firstDoubt(0)).isZero();
        blocks.publish(0, ONE);
        assertThat(blocks.firstDoubt(0)).isEqualTo(2);
        blocks.trust(2);
        assertThat(blocks.firstDoubt(0)).isNegative();
    }

    @Test
    void aForgottenBlockKeepsWhatIsProvenOfIt() {
        blocks.publish(0, ONE);
        assertThat(blocks.prove(0, ONE)).isEqualTo(Proven.AGREES);
        blocks.forget(0);
        assertThat(blocks.isReadable(0)).isFalse();
        assertThat(blocks.digest(0)).isEmpty();
        assertThat(blocks.agrees(0, OTHER)).isFalse();
    }
}

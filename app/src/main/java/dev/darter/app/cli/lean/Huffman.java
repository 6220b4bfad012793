package dev.darter.app.cli.lean;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The Huffman code of header strings (RFC 7541, appendix B). The code is canonical, so the lengths of its words say everything: words of
 * one length follow each other in the order of their symbols.
 */
final class Huffman {
    /** Length of the word of each byte value, then of the end-of-string symbol, as digits of base 36. */
    private static final String LENGTHS = "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad67777"
            + "777777777777777777878djde6f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnm"
            + "molmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu";

    private static final int LONGEST = 30;
    private static final int END_OF_STRING = 256;

    /** Symbols in the order of their words; those of length {@code n} begin at {@code FIRST_INDEX[n]}. */
    private static final short[] SYMBOLS = new short[LENGTHS.length()];

    private static final int[] FIRST_INDEX = new int[LONGEST + 2];
    private static final int[] FIRST_WORD = new int[LONGEST + 2];

    static {
        int index = 0;
        int word = 0;
        for (int length = 1; length <= LONGEST; length++) {
            FIRST_INDEX[length] = index;
            FIRST_WORD[length] = word;
            for (short symbol = 0; symbol < LENGTHS.length(); symbol++) {
                if (Character.digit(LENGTHS.charAt(symbol), 36) == length) {
                    SYMBOLS[index++] = symbol;
                }
            }
            word = (word + index - FIRST_INDEX[length]) << 1;
        }
        FIRST_INDEX[LONGEST + 1] = index;
    }

    private Huffman() {}

    /** @throws IOException if the bytes hold the end-of-string symbol, or end in anything but up to seven ones */
    static String decode(byte[] bytes, int from, int to) throws IOException {
        byte[] text = new byte[(to - from) * 8 / 5];
        int size = 0;
        int word = 0;
        int length = 0;
        for (int bit = from * 8; bit < to * 8; bit++) {
            word = (word << 1) | ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1);
            length++;
            int index = FIRST_INDEX[length] + word - FIRST_WORD[length];
            if (index < FIRST_INDEX[length + 1]) {
                short symbol = SYMBOLS[index];
                if (symbol == END_OF_STRING) {
                    throw new IOException("header string: it holds the end-of-string symbol (expected: padding only)");
                }
                text[size++] = (byte) symbol;
                word = 0;
                length = 0;
            }
        }
        if (length > 7 || word != (1 << length) - 1) {
            throw new IOException("header string: its padding is wrong (expected: up to seven ones)");
        }
        return new String(text, 0, size, StandardCharsets.ISO_8859_1);
    }
}

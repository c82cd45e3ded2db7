//! Thirty-two bytes looked at together, with the vectors of WebAssembly. It answers as `block_word.rs` does.

use core::arch::wasm32::{
    u8x16_bitmask, u8x16_eq, u8x16_le, u8x16_splat, u8x16_sub, v128, v128_any_true, v128_or,
};

/// Thirty-two bytes: most keys and strings end within them.
#[derive(Clone, Copy)]
pub(super) struct Block(v128, v128);

/// One bit for each byte that was asked for, the first lowest.
pub(super) type Marks = u32;

/// Shifts that bring each mark to all places behind it: one place, two, four and so on.
pub(super) const SHIFTS: [u32; 5] = [1, 2, 4, 8, 16];

impl Block {
    /// Bytes in a block.
    pub(super) const BYTES: usize = 32;

    /// The block from `at` on; `None` where fewer bytes are left.
    #[inline]
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<Block> {
        let chunk: &[u8; 32] = bytes.get(at..)?.first_chunk()?;
        let [low, high]: [v128; 2] = zerocopy::transmute!(*chunk);
        Some(Block(low, high))
    }

    #[inline]
    fn marks(self, test: impl Fn(v128) -> v128) -> Marks {
        let [low, high] = [self.0, self.1].map(|half| u32::from(u8x16_bitmask(test(half))));
        high << 16 | low
    }

    /// Quotation marks.
    #[inline]
    pub(super) fn quotes(self) -> Marks {
        self.marks(|half| equal(half, b'"'))
    }

    /// Newlines.
    #[inline]
    pub(super) fn newlines(self) -> Marks {
        self.marks(|half| equal(half, b'\n'))
    }

    /// Quotation marks and backslashes.
    #[inline]
    pub(super) fn quotes_and_escapes(self) -> Marks {
        self.marks(|half| v128_or(equal(half, b'"'), equal(half, b'\\')))
    }

    /// What does not stand in a string as it is: quotation marks, backslashes and control characters.
    #[inline]
    pub(super) fn string_ends(self) -> Marks {
        self.marks(|half| {
            let control = u8x16_le(half, u8x16_splat(0x1f));
            v128_or(control, v128_or(equal(half, b'"'), equal(half, b'\\')))
        })
    }

    /// What ends a word: a comma, a closing bracket of either kind, a blank or a control character.
    #[inline]
    pub(super) fn word_ends(self) -> Marks {
        self.marks(|half| {
            let low = u8x16_le(half, u8x16_splat(b' '));
            let closing = equal(v128_or(half, u8x16_splat(0x20)), b'}');
            v128_or(v128_or(low, equal(half, b',')), closing)
        })
    }

    /// What no number, `true`, `false` or `null` holds: what ends a word, and brackets, quotation marks, backslashes, `|`.
    #[inline]
    pub(super) fn value_ends(self) -> Marks {
        self.marks(|half| {
            let low = v128_or(
                u8x16_le(half, u8x16_splat(b' ')),
                v128_or(equal(half, b','), equal(half, b'"')),
            );
            v128_or(low, bracket_or_escape(half))
        })
    }

    /// Bytes that are not those of the other block.
    #[inline]
    pub(super) fn different(self, other: Block) -> Marks {
        let [low, high] = [(self.0, other.0), (self.1, other.1)]
            .map(|(one, two)| u32::from(u8x16_bitmask(u8x16_eq(one, two))));
        !(high << 16 | low)
    }

    /// Brackets of either kind, backslashes, and `|`, which costs a slower look and nothing else: with bit 5 set
    /// `[ \ ]` become `{ | }`, which follow each other.
    #[inline]
    pub(super) fn brackets_and_escapes(self) -> Marks {
        self.marks(bracket_or_escape)
    }

    /// Neither quotation marks nor what `brackets_and_escapes` marks.
    #[inline(always)]
    pub(super) fn is_dull(self) -> bool {
        let [low, high] =
            [self.0, self.1].map(|half| v128_or(equal(half, b'"'), bracket_or_escape(half)));
        !v128_any_true(v128_or(low, high))
    }
}

/// The place of the first mark in its block.
#[inline]
pub(super) fn first(marks: Marks) -> Option<usize> {
    (marks != 0).then(|| marks.trailing_zeros() as usize)
}

/// The marks before a place.
#[inline]
pub(super) fn below(marks: Marks, place: usize) -> Marks {
    marks & ((1 << place) - 1)
}

#[inline]
fn bracket_or_escape(bytes: v128) -> v128 {
    let folded = v128_or(bytes, u8x16_splat(0x20));
    u8x16_le(u8x16_sub(folded, u8x16_splat(b'{')), u8x16_splat(2))
}

#[inline]
fn equal(bytes: v128, byte: u8) -> v128 {
    u8x16_eq(bytes, u8x16_splat(byte))
}

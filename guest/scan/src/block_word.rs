//! Eight bytes looked at together, for any processor.

/// Eight bytes as one number, the first lowest.
#[derive(Clone, Copy)]
pub(super) struct Block(u64);

/// The top bit of each byte that was asked for.
pub(super) type Marks = u64;

/// Shifts that bring each mark to all places behind it: one place, two, four and so on.
pub(super) const SHIFTS: [u32; 3] = [8, 16, 32];

impl Block {
    /// Bytes in a block.
    pub(super) const BYTES: usize = 8;

    /// The block from `at` on; `None` where fewer bytes are left.
    #[inline]
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<Block> {
        let chunk = bytes.get(at..)?.first_chunk()?;
        Some(Block(u64::from_le_bytes(*chunk)))
    }

    /// Quotation marks.
    #[inline]
    pub(super) fn quotes(self) -> Marks {
        equal(self.0, b'"')
    }

    /// Newlines.
    #[inline]
    pub(super) fn newlines(self) -> Marks {
        equal(self.0, b'\n')
    }

    /// Quotation marks and backslashes.
    #[inline]
    pub(super) fn quotes_and_escapes(self) -> Marks {
        equal(self.0, b'"') | equal(self.0, b'\\')
    }

    /// What does not stand in a string as it is: quotation marks, backslashes and control characters.
    #[inline]
    pub(super) fn string_ends(self) -> Marks {
        let control = !(((self.0 & SEVEN) + splat(0x60)) | self.0) & !SEVEN;
        control | self.quotes_and_escapes()
    }

    /// What ends a word: a comma, a closing bracket of either kind, a blank or a control character.
    #[inline]
    pub(super) fn word_ends(self) -> Marks {
        let low = !(((self.0 & SEVEN) + splat(0x7f - b' ')) | self.0) & !SEVEN;
        low | equal(self.0, b',') | equal(self.0 | splat(0x20), b'}')
    }

    /// What no number, `true`, `false` or `null` holds: what ends a word, and brackets, quotation marks, backslashes, `|`.
    #[inline]
    pub(super) fn value_ends(self) -> Marks {
        self.word_ends() | self.quotes() | self.brackets_and_escapes()
    }

    /// Bytes that are not those of the other block.
    #[inline]
    pub(super) fn different(self, other: Block) -> Marks {
        let different = self.0 ^ other.0;
        (((different & SEVEN) + SEVEN) | different) & !SEVEN
    }

    /// Brackets of either kind, backslashes, and `|`, which costs a slower look and nothing else: with bit 5 set
    /// `[ \ ]` become `{ | }`, so three tests find all five.
    #[inline]
    pub(super) fn brackets_and_escapes(self) -> Marks {
        let folded = self.0 | splat(0x20);
        equal(folded, b'{') | equal(folded, b'|') | equal(folded, b'}')
    }

    /// Neither quotation marks nor what `brackets_and_escapes` marks.
    #[inline(always)]
    pub(super) fn is_dull(self) -> bool {
        self.quotes() | self.brackets_and_escapes() == 0
    }
}

/// The place of the first mark in its block.
#[inline]
pub(super) fn first(marks: Marks) -> Option<usize> {
    (marks != 0).then(|| marks.trailing_zeros() as usize / 8)
}

/// The marks before a place.
#[inline]
pub(super) fn below(marks: Marks, place: usize) -> Marks {
    marks & ((1 << (8 * place)) - 1)
}

const SEVEN: u64 = splat(0x7f);

#[inline]
const fn splat(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The top bit of each byte that equals `byte`, exactly: no carry crosses from one byte to the next
/// (Warren, Hacker's Delight, section 6-1).
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let different = word ^ splat(byte);
    !(((different & SEVEN) + SEVEN) | different | SEVEN)
}

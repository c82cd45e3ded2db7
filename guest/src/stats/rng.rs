//! A small seeded generator, so that resampling gives the same bytes in every host.

/// xoshiro256** 1.0 (Blackman and Vigna 2021, ACM Transactions on Mathematical Software 47:36),
/// seeded through SplitMix64 (Steele, Lea and Flood 2014, OOPSLA) as its authors advise.
/// Not for secrets.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    /// The generator that `seed` stands for.
    pub fn new(seed: u64) -> Self {
        let mut mixer = seed;
        Rng {
            state: core::array::from_fn(|_| split_mix(&mut mixer)),
        }
    }

    /// The next 64 bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A uniform number in 0 <= x < 1 with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A uniform index below `bound` (at least 1), without bias: Lemire (2019), ACM Transactions on
    /// Modeling and Computer Simulation 29:3.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(bound);
            // The division is slow, and what it gives is below `bound`.
            if wide as u64 >= bound || wide as u64 >= bound.wrapping_neg() % bound {
                return (wide >> 64) as usize;
            }
        }
    }

    /// Puts `items` in a uniformly random order (Fisher and Yates; Durstenfeld 1964).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// One step of SplitMix64.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

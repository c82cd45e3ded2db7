//! SHA-256 in pieces, for the page: WebCrypto takes whole buffers only. Beside the component and not in it, since the page
//! hashes in a thread of its own. Empty where there is no page.
#![cfg(target_arch = "wasm32")]
#![allow(
    unsafe_code,
    reason = "a name that is exported must be unique, which the compiler cannot know"
)]

use sha2::{Digest, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a stream of a browser fills in one go.
const ROOM: usize = 512 << 10;

/// Where the page writes each piece, and finds the hash.
static PIECE: Mutex<[u8; ROOM]> = Mutex::new([0; ROOM]);
/// Of the pieces so far. One hash is made at a time.
static HASH: Mutex<Option<Sha256>> = Mutex::new(None);

/// There is one thread, and a panic ends it.
fn own<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of the memory for a piece.
#[unsafe(no_mangle)]
pub extern "C" fn piece() -> *const u8 {
    own(&PIECE).as_ptr()
}

/// How many bytes a piece has at most.
#[unsafe(no_mangle)]
pub extern "C" fn room() -> usize {
    ROOM
}

/// Begins a hash; one that was not finished is forgotten.
#[unsafe(no_mangle)]
pub extern "C" fn begin() {
    *own(&HASH) = Some(Sha256::new());
}

/// Hashes so many bytes of the piece.
#[unsafe(no_mangle)]
pub extern "C" fn update(length: usize) {
    if let Some(hash) = own(&HASH).as_mut() {
        hash.update(&own(&PIECE)[..length]);
    }
}

/// Leaves the hash, 32 bytes, where the piece was.
#[unsafe(no_mangle)]
pub extern "C" fn finish() {
    if let Some(hash) = own(&HASH).take() {
        let digest = hash.finalize();
        own(&PIECE)[..digest.len()].copy_from_slice(&digest);
    }
}

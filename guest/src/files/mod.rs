//! How the library sees files: a tree of regular files, read in chunks.
//!
//! The library never names an operating system. The component hands in a tree over its WASI
//! preopens, native tests one over memory or over a real directory.

mod head;
mod lines;
mod memory;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
mod part;
mod path;
mod read;
mod sha256;
mod stream;
mod tree;

pub use head::HeadCache;
pub use lines::{LineReader, MAX_LINE, check_line};
pub use memory::MemoryTree;
pub use part::Part;
pub use path::{folder, join, name};
pub use read::{BOM, CHUNK, HEAD, MAX_WHOLE_FILE, read_head, read_text, read_whole};
pub use sha256::{sha256, sha256_of_file};
pub use stream::{Asked, Stream};
pub(crate) use tree::not_regular;
pub use tree::{Child, FileType, MAX_DEPTH, MAX_FILES, ReadAt, Tree};
#[cfg(target_arch = "wasm32")]
pub(crate) use tree::{push, refused};

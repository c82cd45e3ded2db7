//! Most files of a bundle are small: what was read to recognise one is all there is to read of it.

use super::read::{HEAD, read_head};
use super::tree::{Child, ReadAt, Tree};
use crate::fault::Result;
use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

/// The beginning of a file.
pub enum Head {
    /// Text, as nearly every file is.
    Text(String),
    /// Something else, or text that ends inside a character.
    Bytes(Vec<u8>),
}

impl Head {
    fn new(bytes: Vec<u8>) -> Self {
        String::from_utf8(bytes).map_or_else(|error| Head::Bytes(error.into_bytes()), Head::Text)
    }

    /// As it was read.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Head::Text(text) => text.as_bytes(),
            Head::Bytes(bytes) => bytes,
        }
    }

    /// As text. It may end inside a character; anything else that is not UTF-8 is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        let bytes = match self {
            Head::Text(text) => return Cow::Borrowed(text),
            Head::Bytes(bytes) => bytes,
        };
        match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() => {
                String::from_utf8_lossy(&bytes[..error.valid_up_to()])
            }
            _ => String::from_utf8_lossy(bytes),
        }
    }
}

/// A tree that remembers the file that was recognised last, if it was read whole for that.
pub struct HeadCache<'a> {
    tree: &'a dyn Tree,
    last: RefCell<Option<(String, Rc<Head>)>>,
}

impl<'a> HeadCache<'a> {
    /// Reads through to `tree`.
    pub fn new(tree: &'a dyn Tree) -> Self {
        HeadCache {
            tree,
            last: RefCell::new(None),
        }
    }

    /// The first [`HEAD`] bytes of a file.
    pub fn head(&self, path: &str) -> Result<Rc<Head>> {
        // One byte more tells whether that is the whole file.
        let mut head = read_head(&mut *self.tree.open(path)?, HEAD + 1)?;
        let whole = head.len() <= HEAD;
        head.truncate(HEAD);
        let head = Rc::new(Head::new(head));
        *self.last.borrow_mut() = whole.then(|| (path.to_owned(), Rc::clone(&head)));
        Ok(head)
    }
}

impl Tree for HeadCache<'_> {
    fn children(&self, folder: &str) -> Result<Vec<Child>> {
        self.tree.children(folder)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.tree.is_folder(path)
    }

    fn list(&self) -> Result<Vec<String>> {
        self.tree.list()
    }

    fn run_of(&self, path: &str) -> Option<usize> {
        self.tree.run_of(path)
    }

    fn open(&self, path: &str) -> Result<Box<dyn ReadAt + '_>> {
        match &*self.last.borrow() {
            Some((last, head)) if last == path => Ok(Box::new(Remembered(Rc::clone(head)))),
            _ => self.tree.open(path),
        }
    }

    fn take_text(&self, path: &str) -> Option<String> {
        let (_, head) = self.last.borrow_mut().take_if(|(last, _)| last == path)?;
        match Rc::try_unwrap(head) {
            Ok(Head::Text(text)) => Some(text),
            _ => None,
        }
    }
}

struct Remembered(Rc<Head>);

impl ReadAt for Remembered {
    fn read_at(&mut self, offset: u64, len: usize) -> Result<Vec<u8>> {
        self.0.bytes().read_at(offset, len)
    }
}

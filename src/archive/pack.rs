//! An archive that is being written: entries with their hashes, which stand at
//! its end.

use std::fs::File;
use std::io::{self, BufWriter, Read};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};
use tar::{Builder, Header};

use super::SUMS;

/// What is written so far.
pub(super) struct Pack {
    tar: Builder<BufWriter<File>>,
    sums: String,
    now: u64,
}

impl Pack {
    pub(super) fn new(file: File) -> Pack {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        Pack {
            tar: Builder::new(BufWriter::new(file)),
            sums: String::new(),
            now: now.unwrap_or_default().as_secs(),
        }
    }

    /// Adds all of a file, which nobody changes meanwhile.
    pub(super) fn add(&mut self, name: &str, file: &File) -> io::Result<()> {
        let size = file.metadata()?.len();
        let mut hashed = Hashed::new(file.take(size));
        let mut header = self.header(size);
        self.tar.append_data(&mut header, name, &mut hashed)?;
        if hashed.bytes != size {
            return Err(io::Error::other(format!("{name} became shorter")));
        }
        self.sums += &format!("{}  {name}\n", hashed.hex());
        Ok(())
    }

    /// Ends it with the hashes; on disk when this returns.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let sums = std::mem::take(&mut self.sums);
        let mut header = self.header(sums.len() as u64);
        self.tar.append_data(&mut header, SUMS, sums.as_bytes())?;
        let file = self.tar.into_inner()?.into_inner()?;
        file.sync_all()
    }

    fn header(&self, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(self.now);
        header
    }
}

/// Counts and hashes what is read through it.
pub(super) struct Hashed<R> {
    inner: R,
    hash: Sha256,
    pub(super) bytes: u64,
}

impl<R> Hashed<R> {
    pub(super) fn new(inner: R) -> Hashed<R> {
        Hashed {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    pub(super) fn hex(self) -> String {
        let digits = |byte: &u8| format!("{byte:02x}");
        self.hash.finalize().iter().map(digits).collect()
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

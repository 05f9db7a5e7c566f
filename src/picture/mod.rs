//! Pictures that strangers send: read within bounds, and written anew so that
//! nothing of what came is passed on but the pixels.
//!
//! [`remake`] is all of that in one call, pure but for the time it takes;
//! [`Workers`] are the threads to call it on, [`Shelf`] is where the files lie.
//! Deliberately absent: who owns a picture, and what the rows say. The store
//! knows that, and a file without a row counts for nothing.
//!
//! A colour profile is metadata too and goes with the rest: the pixels are then
//! taken for sRGB, which is a little paler for a camera that meant more.

mod data_url;
mod encode;
mod jpeg;
mod kind;
mod name;
mod pixels;
mod shelf;
mod webp;
mod workers;

#[cfg(test)]
mod tests;

pub use data_url::payload;
pub use name::{Ext, FileName, PictureId, decimal};
pub use shelf::{FOLDER, Shelf, Shelved};
pub use workers::{Busy, Workers};

/// A picture as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remade {
    /// What `bytes` are.
    pub ext: Ext,
    /// The picture.
    pub bytes: Vec<u8>,
    /// The same, small; always a JPEG.
    pub thumbnail: Vec<u8>,
}

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More bytes or pixels than the limits allow.
    #[error("the picture is too large")]
    TooLarge,
    /// Not a whole JPEG, PNG, WebP or GIF.
    #[error("not a picture that is taken")]
    NotTaken,
}

/// Decodes the first frame of `source`, turns it upright, and writes it and its
/// thumbnail anew.
///
/// # Errors
///
/// Says why it is refused, before it is decoded where its head tells.
pub fn remake(source: &[u8]) -> Result<Remade, Refused> {
    if source.len() > crate::limits::PICTURE_BYTES {
        return Err(Refused::TooLarge);
    }
    let kind = kind::of(source).ok_or(Refused::NotTaken)?;
    let picture = pixels::upright(source, kind)?;
    Ok(encode::encode(picture))
}

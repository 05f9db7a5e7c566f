//! Amounts with bounds.

use super::super::amount::{Amount, Binary};
use super::{Kind, Shape};

/// An amount between two bounds, both allowed.
#[derive(Clone, Copy)]
pub(in crate::config) struct Within<T>(pub(in crate::config) T, pub(in crate::config) T);

impl<T: Amount> Kind for Within<T> {
    type Value = T;
    const SHAPE: Shape = Shape::Number;

    fn read(&self, text: &str) -> Option<T> {
        T::read(text).filter(|amount| (self.0..=self.1).contains(amount))
    }

    fn show(&self, amount: &T) -> String {
        amount.show()
    }

    fn may_be(&self) -> String {
        format!("{}, {} to {}", T::NAME, self.0.show(), self.1.show())
    }
}

/// An amount of another kind, or 0, which means what the text says.
pub(in crate::config) struct OrZero<K>(pub(in crate::config) K, pub(in crate::config) &'static str);

impl<K: Kind<Value: Amount>> Kind for OrZero<K> {
    type Value = Option<K::Value>;
    const SHAPE: Shape = K::SHAPE;

    fn read(&self, text: &str) -> Option<Self::Value> {
        if K::Value::read(text) == Some(K::Value::default()) {
            return Some(None);
        }
        self.0.read(text).map(Some)
    }

    fn show(&self, amount: &Self::Value) -> String {
        self.0.show(&amount.unwrap_or_default())
    }

    fn may_be(&self) -> String {
        format!("{}, or 0 for {}", self.0.may_be(), self.1)
    }
}

/// A power of two between two bounds.
pub(in crate::config) struct PowerOfTwo<T>(pub(in crate::config) Within<T>);

impl<T: Binary> Kind for PowerOfTwo<T> {
    type Value = T;
    const SHAPE: Shape = Shape::Number;

    fn read(&self, text: &str) -> Option<T> {
        self.0.read(text).filter(|amount| amount.is_power_of_two())
    }

    fn show(&self, amount: &T) -> String {
        amount.show()
    }

    fn may_be(&self) -> String {
        format!("{}, a power of two", self.0.may_be())
    }
}

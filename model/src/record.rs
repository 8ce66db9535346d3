//! `record!` and `word!`: plain data that serialises without a proc macro.
//!
//! The test process only ever writes reports, so it must not pay for building `serde_derive` and `syn`. The macros
//! write `Serialize` by hand for every field, in order; reading (feature `read`, the command line) uses the derive.

/// A struct of public fields that serialises as a map in the order of its fields; missing fields read as defaults.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "read", derive(serde::Deserialize))]
        #[cfg_attr(feature = "read", serde(default))]
        #[non_exhaustive]
        pub struct $name { $($(#[$field_meta])* pub $field: $ty),* }

        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde_core::ser::SerializeStruct;
                let fields = [$(stringify!($field)),*].len();
                let mut map = serializer.serialize_struct(stringify!($name), fields)?;
                $(map.serialize_field(stringify!($field), &self.$field)?;)*
                map.end()
            }
        }
    };
}

/// An enum of plain words that serialises as its word.
macro_rules! word {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "read", derive(serde::Deserialize))]
        #[non_exhaustive]
        pub enum $name { $($(#[$variant_meta])* #[cfg_attr(feature = "read", serde(rename = $word))] $variant),* }

        impl $name {
            /// The word that stands for this value in reports.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }

        impl serde_core::Serialize for $name {
            fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }
    };
}

pub(crate) use {record, word};

//! Writes plain data as pretty JSON.
//!
//! Our own and not `serde_json`, because this goes into users' test processes: `serde_json` implements
//! `PartialEq<Value>` for the numbers and strings of the standard library, and with it anywhere in the graph,
//! `assert_eq!(1, numbers.sum())` no longer compiles. It knows what reports are made of, and nothing else.

use std::fmt;

use serde_core::ser::{
    Error as _, Impossible, Serialize, SerializeSeq, SerializeStruct, Serializer,
};

/// The value as pretty JSON, without a line break at the end.
pub(super) fn pretty(value: &impl Serialize) -> Result<String, Unsayable> {
    let mut writer = Writer {
        text: String::new(),
        depth: 0,
    };
    value.serialize(&mut writer)?;
    Ok(writer.text)
}

/// Something that a report never holds.
#[derive(Debug)]
pub(super) struct Unsayable(String);

impl fmt::Display for Unsayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsayable {}

impl serde_core::ser::Error for Unsayable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    fn line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", self.depth));
    }

    fn string(&mut self, string: &str) {
        self.text.push('"');
        for character in string.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                control if control < ' ' => self.escape(control),
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    fn escape(&mut self, control: char) {
        self.text.push_str("\\u00");
        for digit in [u32::from(control) >> 4, u32::from(control) & 0xf] {
            self.text.push(char::from_digit(digit, 16).unwrap_or('0'));
        }
    }
}

/// A list or a map, half written.
struct Open<'a> {
    writer: &'a mut Writer,
    close: char,
    is_empty: bool,
}

impl<'a> Open<'a> {
    fn new(writer: &'a mut Writer, open: char, close: char) -> Self {
        writer.text.push(open);
        writer.depth += 1;
        Self {
            writer,
            close,
            is_empty: true,
        }
    }

    fn next(&mut self) {
        if !self.is_empty {
            self.writer.text.push(',');
        }
        self.is_empty = false;
        self.writer.line();
    }

    fn close(self) {
        self.writer.depth -= 1;
        if !self.is_empty {
            self.writer.line();
        }
        self.writer.text.push(self.close);
    }
}

impl SerializeSeq for Open<'_> {
    type Ok = ();
    type Error = Unsayable;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Unsayable> {
        self.next();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unsayable> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Open<'_> {
    type Ok = ();
    type Error = Unsayable;

    fn serialize_field<T: ?Sized + Serialize>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsayable> {
        self.next();
        self.writer.string(key);
        self.writer.text.push_str(": ");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unsayable> {
        self.close();
        Ok(())
    }
}

/// Kinds of data that a report does not hold.
macro_rules! unsayable {
    ($($method:ident($($argument:ty),*) $(<$generic:ident>)?;)*) => {
        $(fn $method$(<$generic: ?Sized + Serialize>)?(self $(, _: $argument)*) -> Result<(), Unsayable> {
            Err(Unsayable::custom(concat!(stringify!($method), " has no place in a report")))
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unsayable;
    type SerializeSeq = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeTuple = Impossible<(), Unsayable>;
    type SerializeTupleStruct = Impossible<(), Unsayable>;
    type SerializeTupleVariant = Impossible<(), Unsayable>;
    type SerializeMap = Impossible<(), Unsayable>;
    type SerializeStructVariant = Impossible<(), Unsayable>;

    fn serialize_bool(self, value: bool) -> Result<(), Unsayable> {
        self.text.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unsayable> {
        self.serialize_u64(u64::from(value))
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unsayable> {
        self.text.push_str(&value.to_string());
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unsayable> {
        self.string(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Unsayable> {
        self.text.push_str("null");
        Ok(())
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Unsayable> {
        value.serialize(self)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Open<'a>, Unsayable> {
        Ok(Open::new(self, '[', ']'))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Open<'a>, Unsayable> {
        Ok(Open::new(self, '{', '}'))
    }

    unsayable! {
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_bytes(&[u8]);
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_newtype_struct(&'static str, &T) <T>;
        serialize_newtype_variant(&'static str, u32, &'static str, &T) <T>;
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, Unsayable> {
        Err(Unsayable::custom("a tuple has no place in a report"))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unsayable> {
        Err(Unsayable::custom("a tuple struct has no place in a report"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsayable> {
        Err(Unsayable::custom(
            "a tuple variant has no place in a report",
        ))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Unsayable> {
        Err(Unsayable::custom("a map has no place in a report"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unsayable> {
        Err(Unsayable::custom(
            "a struct variant has no place in a report",
        ))
    }
}

#[cfg(test)]
mod tests {
    use model::finding::{Certainty, Finding};
    use model::report::Report;

    use super::pretty;

    /// A report with every kind of data, and every character that JSON escapes.
    fn report() -> Report {
        let mut report = Report::new();
        let controls: String = (0..=0x7f_u8).map(char::from).collect();
        report.findings = vec![Finding::new(
            "deadlock",
            Certainty::Observed,
            format!("{controls} é \u{2028} 🦀"),
        )];
        report
    }

    #[test]
    fn it_writes_what_serde_json_writes() {
        let ours = pretty(&report()).expect("a report can be said");
        assert_eq!(
            ours,
            serde_json::to_string_pretty(&report()).expect("a report can be said")
        );
    }

    #[test]
    fn what_a_report_never_holds_is_refused() {
        let error = pretty(&1.5).expect_err("a float is not part of a report");
        assert_eq!(error.to_string(), "serialize_f64 has no place in a report");
    }
}

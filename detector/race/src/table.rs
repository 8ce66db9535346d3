//! Tables by number.

/// The object of this number, made at its first use.
#[inline(always)]
pub(crate) fn at<T: Default>(objects: &mut Vec<T>, number: u32) -> &mut T {
    let number = number as usize;
    if number >= objects.len() {
        grow(objects, number);
    }
    &mut objects[number]
}

#[cold]
fn grow<T: Default>(objects: &mut Vec<T>, number: usize) {
    objects.resize_with(number + 1, T::default);
}

fn main() {
    let name = std::any::type_name::<std::sync::Mutex<u8>>();
    println!("cargo::rustc-env=OF_BUILD_SCRIPT={name}");
}

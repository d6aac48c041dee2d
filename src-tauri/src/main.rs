fn main() { switchhook_desktop::run() }

use std::sync::mpsc;

use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

#[test]
fn blocking_work_is_done() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        spawn_blocking(|| ()).await.unwrap();
        for _ in 0..3 {
            let (sender, receiver) = mpsc::channel();
            let asks = spawn_blocking(move || receiver.recv().unwrap());
            let answers = spawn_blocking(move || sender.send(7).unwrap());
            assert_eq!(asks.await.unwrap(), 7);
            answers.await.unwrap();
        }
    });
}

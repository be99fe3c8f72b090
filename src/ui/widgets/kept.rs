//! What takes a while to work out and is drawn often: worked out anew when what it is made from has
//! changed, and not at each drawing.

use std::sync::Arc;

use egui::{Id, Ui};

/// What `make` makes from `inputs`, kept under the name `slot` for as long as they stay the same.
pub fn kept<I, M>(ui: &Ui, slot: &'static str, inputs: I, make: impl FnOnce() -> M) -> Arc<M>
where
    I: Clone + PartialEq + Send + Sync + 'static,
    M: Send + Sync + 'static,
{
    let id = Id::unique(slot);
    let known = ui.data(|data| data.get_temp::<(I, Arc<M>)>(id));
    if let Some((of, made)) = known
        && of == inputs
    {
        return made;
    }
    let new = Arc::new(make());
    ui.data_mut(|data| data.insert_temp(id, (inputs, Arc::clone(&new))));
    new
}

/// A shared value, the same as another when it is the very same one: nothing in it is compared. As
/// it is held, nothing else can take its place in memory.
#[derive(Debug)]
pub struct Same<T>(pub Arc<T>);

impl<T> Clone for Same<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for Same<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(test)]
mod tests {
    use egui::__run_test_ui;

    use super::*;

    #[test]
    fn it_is_made_once_for_the_same_inputs() {
        __run_test_ui(|ui| {
            let (one, other) = (Arc::new(1), Arc::new(1));
            let of = |input: &Arc<i32>, made| *kept(ui, "slot", Same(Arc::clone(input)), || made);
            assert_eq!(of(&one, "first"), "first");
            assert_eq!(of(&one, "again"), "first");
            assert_eq!(of(&other, "second"), "second");
            assert_eq!(of(&one, "third"), "third");
        });
    }
}

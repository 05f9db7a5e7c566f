//! A queue in which every place can be asked for, taken and swapped in
//! O(log n): a ring of cells in the order of arrival under a Fenwick tree (Peter
//! Fenwick, "A new data structure for cumulative frequency tables", 1994).
//!
//! Whoever arrives gets the next cell and keeps it until it leaves, jumps, or
//! the ring is full and closed up; each new cell is told through `moved`.

/// Values in the order of their arrival.
#[derive(Debug)]
pub struct Places<T> {
    ring: Vec<Option<T>>,
    tree: Vec<u32>,
    /// Arrivals before the first that is here.
    head: u64,
    /// Arrivals so far; from head to tail are never more than cells.
    tail: u64,
    live: usize,
}

const SMALLEST: usize = 64;

impl<T: Copy> Default for Places<T> {
    fn default() -> Self {
        Places {
            ring: Vec::new(),
            tree: Vec::new(),
            head: 0,
            tail: 0,
            live: 0,
        }
    }
}

impl<T: Copy> Places<T> {
    /// How many stand here.
    #[must_use]
    pub fn len(&self) -> usize {
        self.live
    }

    /// Nobody?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// Puts a value at the end and gives its cell.
    pub fn push(&mut self, value: T, moved: impl FnMut(T, u32)) -> u32 {
        if self.tail - self.head == self.ring.len() as u64 {
            self.close_up(moved);
        }
        let at = self.at(self.tail);
        self.tail += 1;
        self.live += 1;
        self.ring[at] = Some(value);
        self.add(at, 1);
        cell(at)
    }

    /// Takes the value in this cell out.
    ///
    /// # Panics
    ///
    /// If nothing is there.
    pub fn remove(&mut self, cell: u32) -> T {
        let at = cell as usize;
        let value = self.ring[at].take().expect("a cell is emptied once");
        self.add(at, u32::MAX);
        self.live -= 1;
        while self.head < self.tail && self.ring[self.at(self.head)].is_none() {
            self.head += 1;
        }
        value
    }

    /// The place of who stands in a cell; 1 is the first.
    #[must_use]
    pub fn place(&self, cell: u32) -> u64 {
        let at = cell as usize;
        let base = self.at(self.head);
        let before_head = u64::from(self.sum(base));
        let through = u64::from(self.sum(at + 1));
        if at >= base {
            through - before_head
        } else {
            self.live as u64 - before_head + through
        }
    }

    /// Who stands at a place; 1 is the first.
    #[must_use]
    pub fn get(&self, place: u64) -> Option<T> {
        self.find(place).and_then(|at| self.ring[at])
    }

    /// Brings who stands at `place` forward by `by` places; those overtaken
    /// move back one.
    pub fn jump(&mut self, place: u64, by: u64, mut moved: impl FnMut(T, u32)) {
        let mut carried = self.get(place);
        let mut near = None;
        for place in (place - by)..=place {
            let at = self.step(place, near);
            std::mem::swap(&mut self.ring[at], &mut carried);
            let value = self.ring[at].expect("a taken place was filled again");
            moved(value, cell(at));
            near = Some(at);
        }
    }

    /// Calls `each` with place and value from `first` on, for at most `count`.
    pub fn walk(&self, first: u64, count: u64, mut each: impl FnMut(u64, T)) {
        let last = (self.live as u64).min((first - 1).saturating_add(count));
        let mut near = None;
        for place in first..=last {
            let at = self.step(place, near);
            each(place, self.ring[at].expect("a place is taken"));
            near = Some(at);
        }
    }

    /// Checks what must hold between the ring, the tree and the counts.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub fn invariants(&self) {
        let taken = self.ring.iter().flatten().count();
        assert_eq!(taken, self.live);
        assert!(self.tail - self.head <= self.ring.len() as u64);
        assert_eq!(self.sum(self.ring.len()) as usize, self.live);
        for place in 1..=self.live as u64 {
            let at = self
                .find(place)
                .expect("every place up to the length is taken");
            assert_eq!(self.place(cell(at)), place);
        }
    }

    fn mask(&self) -> u64 {
        (self.ring.len() as u64).wrapping_sub(1)
    }

    /// The cell of an arrival.
    fn at(&self, arrival: u64) -> usize {
        usize::try_from(arrival & self.mask()).expect("less than the ring's length")
    }

    /// Room for more: the ring is closed up, and doubled if that is not enough
    /// to make the next closing-up rare.
    fn close_up(&mut self, mut moved: impl FnMut(T, u32)) {
        let values: Vec<T> = (self.head..self.tail)
            .filter_map(|arrival| self.ring[self.at(arrival)])
            .collect();
        let length = (values.len() * 2).next_power_of_two().max(SMALLEST);
        self.ring = vec![None; length];
        self.tree = vec![0; length + 1];
        (self.head, self.tail) = (0, values.len() as u64);
        for (at, value) in values.into_iter().enumerate() {
            self.ring[at] = Some(value);
            self.tree[at + 1] = 1;
            moved(value, cell(at));
        }
        for node in 1..=length {
            let parent = node + (node & node.wrapping_neg());
            if parent <= length {
                self.tree[parent] += self.tree[node];
            }
        }
    }

    /// Adds to one count; -1 as a wrapped `u32::MAX`.
    fn add(&mut self, at: usize, count: u32) {
        let mut node = at + 1;
        while node < self.tree.len() {
            self.tree[node] = self.tree[node].wrapping_add(count);
            node += node & node.wrapping_neg();
        }
    }

    /// How many of the first `end` cells are taken.
    fn sum(&self, end: usize) -> u32 {
        let mut node = end;
        let mut sum = 0;
        while node > 0 {
            sum += self.tree[node];
            node &= node - 1;
        }
        sum
    }

    /// The cell at a place that is taken; `before` is that of the place before
    /// it, if known.
    fn step(&self, place: u64, before: Option<usize>) -> usize {
        let next = before.map(|at| self.at(at as u64 + 1));
        // Removed tickets leave gaps; one may be longer than the queue.
        next.filter(|&at| self.ring[at].is_some())
            .or_else(|| self.find(place))
            .expect("every place up to the length is taken")
    }

    /// The cell at a place.
    fn find(&self, place: u64) -> Option<usize> {
        if place == 0 || place > self.live as u64 {
            return None;
        }
        let target = place + u64::from(self.sum(self.at(self.head)));
        let target = if target > self.live as u64 {
            target - self.live as u64
        } else {
            target
        };
        let mut rest = u32::try_from(target).expect("fewer than 2^32 tickets");
        let mut node = 0;
        let mut width = self.ring.len();
        while width > 0 {
            if node + width < self.tree.len() && self.tree[node + width] < rest {
                node += width;
                rest -= self.tree[node];
            }
            width /= 2;
        }
        Some(node)
    }
}

fn cell(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 tickets")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Push,
        Remove(prop::sample::Index),
        Jump(prop::sample::Index, u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => Just(Step::Push),
            4 => any::<prop::sample::Index>().prop_map(Step::Remove),
            1 => (any::<prop::sample::Index>(), 0..=10_u64).prop_map(|(who, by)| Step::Jump(who, by)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The same as a plain list, whatever comes.
        #[test]
        fn behaves_as_a_list(steps in prop::collection::vec(step(), 0..300)) {
            let mut places = Places::default();
            let mut list: Vec<usize> = Vec::new();
            let mut cells: Vec<u32> = Vec::new();
            for step in steps {
                match step {
                    Step::Push => {
                        let value = cells.len();
                        let cell = places.push(value, |value: usize, cell| cells[value] = cell);
                        cells.push(cell);
                        list.push(value);
                    }
                    Step::Remove(who) if !list.is_empty() => {
                        let value = list.remove(who.index(list.len()));
                        prop_assert_eq!(places.remove(cells[value]), value);
                    }
                    Step::Jump(who, by) if !list.is_empty() => {
                        let at = who.index(list.len());
                        let by = usize::try_from(by).unwrap().min(at);
                        let value = list.remove(at);
                        list.insert(at - by, value);
                        places.jump(at as u64 + 1, by as u64, |value, cell| cells[value] = cell);
                    }
                    Step::Remove(_) | Step::Jump(..) => {}
                }
                places.invariants();
                let mut walked = Vec::new();
                places.walk(1, u64::MAX, |_, value| walked.push(value));
                prop_assert_eq!(&walked, &list);
                for (at, &value) in list.iter().enumerate() {
                    prop_assert_eq!(places.place(cells[value]), at as u64 + 1);
                    prop_assert_eq!(places.get(at as u64 + 1), Some(value));
                }
            }
        }
    }
}

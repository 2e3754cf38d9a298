package operator

import (
	"math/rand/v2"
	"slices"
)

// walk makes a set of places that serves and takes steps of a Markov chain among
// such sets. Both kinds of step are proposed as often as their reverse, so the
// uniform law is stationary.
func (f FixedCount) walk(rng *rand.Rand, steps int) []uint64 {
	w := walker{FixedCount: f, at: f.first(rng), in: make(map[uint64]bool, f.Count)}
	for _, p := range w.at {
		w.in[p] = true
	}
	w.inRows, w.inCols = f.counts(w.at)
	for range steps {
		if rng.IntN(2) == 0 {
			w.move(rng.IntN(len(w.at)), rng.Uint64N(uint64(f.D1)*uint64(f.D2)))
		} else {
			w.swap(rng.IntN(len(w.at)), rng.IntN(len(w.at)))
		}
	}
	slices.Sort(w.at)
	return w.at
}

// first is a set that serves: AtLeast entries along the diagonals of a matrix
// whose rows and columns are shuffled, and then any places. Line l of the longer
// side meets the places l, …, l+AtLeast−1 of the shorter, which go round.
func (f FixedCount) first(rng *rand.Rand) []uint64 {
	rows, cols := rng.Perm(f.D1), rng.Perm(f.D2)
	set := make([]uint64, 0, f.Count)
	for l := range max(f.D1, f.D2) {
		for s := range f.AtLeast {
			i, j := l, (l+s)%f.D2
			if f.D1 < f.D2 {
				i, j = (l+s)%f.D1, l
			}
			set = append(set, uint64(rows[i])*uint64(f.D2)+uint64(cols[j]))
		}
	}
	in := make(map[uint64]bool, f.Count)
	for _, p := range set {
		in[p] = true
	}
	return f.fill(rng, set, in)
}

// fill adds places until there are Count. When most places are taken, those
// that are free are listed and drawn from.
func (f FixedCount) fill(rng *rand.Rand, set []uint64, in map[uint64]bool) []uint64 {
	all := uint64(f.D1) * uint64(f.D2)
	for len(set) < f.Count && uint64(len(set)) < all/2 {
		if p := rng.Uint64N(all); !in[p] {
			in[p] = true
			set = append(set, p)
		}
	}
	if len(set) == f.Count {
		return set
	}
	taken := slices.Clone(set)
	slices.Sort(taken)
	free := without(all, taken)
	rng.Shuffle(len(free), func(a, b int) { free[a], free[b] = free[b], free[a] })
	return append(set, free[:f.Count-len(set)]...)
}

// walker is a set of places with its counts.
type walker struct {
	FixedCount
	at             []uint64
	in             map[uint64]bool
	inRows, inCols []int
}

// move takes entry e to the place p, if that is free and e's row and column can
// spare it.
func (w *walker) move(e int, p uint64) {
	n := uint64(w.D2)
	i, j := w.at[e]/n, w.at[e]%n
	k, l := p/n, p%n
	if w.in[p] || (i != k && w.inRows[i] <= w.AtLeast) || (j != l && w.inCols[j] <= w.AtLeast) {
		return
	}
	w.inRows[i]--
	w.inRows[k]++
	w.inCols[j]--
	w.inCols[l]++
	w.put(e, p)
}

// swap lets two entries exchange their columns, if both new places are free.
// The counts stay.
func (w *walker) swap(e, g int) {
	n := uint64(w.D2)
	p := w.at[e] - w.at[e]%n + w.at[g]%n
	q := w.at[g] - w.at[g]%n + w.at[e]%n
	if w.in[p] || w.in[q] { // also when they share a row or a column
		return
	}
	w.put(e, p)
	w.put(g, q)
}

func (w *walker) put(e int, p uint64) {
	delete(w.in, w.at[e])
	w.in[p] = true
	w.at[e] = p
}

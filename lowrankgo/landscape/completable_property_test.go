package landscape_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"pgregory.net/rapid"
)

// drawMask draws a pattern with at least one entry, often two blocks with few
// entries between them.
func drawMask(t *rapid.T, most int) ([][]int, *rand.Rand) {
	return maskOf(rapid.Uint64().Draw(t, "seed"), most)
}

func maskOf(seed uint64, most int) ([][]int, *rand.Rand) {
	rng := rand.New(rand.NewPCG(seed, 7))
	d1, d2, p := 1+rng.IntN(most), 1+rng.IntN(most), 0.1+0.9*rng.Float64()
	mask := make([][]int, d1)
	for i := range mask {
		mask[i] = make([]int, d2)
		for j := range mask[i] {
			if rng.Float64() < p {
				mask[i][j] = 1
			}
		}
	}
	if rng.IntN(2) == 0 {
		for i := range d1 {
			for j := range d2 {
				if (i < d1/2) != (j < d2/2) && rng.IntN(12) > 0 {
					mask[i][j] = 0
				}
			}
		}
	}
	mask[rng.IntN(d1)][rng.IntN(d2)] = 1
	return mask, rng
}

func completable(t testing.TB, m lr.Operator, r int, o *landscape.CompletableOptions) *landscape.Completability {
	t.Helper()
	c, err := landscape.Completable(context.Background(), m, r, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// At rank 1 an entry is determined when its row and column are connected.
func TestCompletableRankOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mask, _ := drawMask(rt, 20)
		d1, d2 := len(mask), len(mask[0])
		parent := make([]int, d1+d2)
		for k := range parent {
			parent[k] = k
		}
		root := func(k int) int {
			for parent[k] != k {
				k = parent[k]
			}
			return k
		}
		edges := 0
		for i, row := range mask {
			for j, v := range row {
				if v == 1 && root(i) != root(d1+j) {
					parent[root(i)] = root(d1 + j)
					edges++
				}
			}
		}
		c := completable(t, boolMask(t, mask), 1, nil)
		if c.Rank != edges || !c.Proven || c.Failure != 0 {
			rt.Fatalf("rank %d, want %d: %v", c.Rank, edges, c)
		}
		for i := range d1 {
			for j := range d2 {
				if want := root(i) == root(d1+j); (c.At(i, j) == landscape.Yes) != want {
					rt.Fatalf("entry (%d, %d): %v, connected: %v", i, j, c.At(i, j), want)
				}
			}
		}
	})
}

// What is peeled off, and every count, against each entry; adding an entry never
// makes less determined, and adds at most 1 to the rank.
func TestCompletableConsistent(t *testing.T) {
	inside := 0
	for seed := range uint64(2000) {
		mask, rng := maskOf(seed, 14)
		d1, d2 := len(mask), len(mask[0])
		r := 1 + rng.IntN(min(d1, d2, 4))
		o := &landscape.CompletableOptions{Exact: []int{5000, 64, -1}[rng.IntN(3)]}
		c := completable(t, boolMask(t, mask), r, o)
		open := c.Open()
		total, rows, cols := 0, make([]int, d1), make([]int, d2)
		for i := range d1 {
			for j := range d2 {
				at := c.At(i, j)
				if mask[i][j] == 1 && at != landscape.Yes {
					t.Fatalf("seed %d: observed entry (%d, %d): %v", seed, i, j, at)
				}
				if mask[i][j] == 0 && at != landscape.No && (slices.Contains(c.PeeledRows, i) || slices.Contains(c.PeeledCols, j)) {
					t.Fatalf("seed %d: entry (%d, %d) of a peeled line: %v", seed, i, j, at)
				}
				if at != landscape.Yes {
					total++
					rows[i]++
					cols[j]++
				}
			}
		}
		if open.Total != total || !slices.Equal(open.Rows, rows) || !slices.Equal(open.Cols, cols) {
			t.Fatalf("seed %d: %+v, want %d, %v, %v", seed, open, total, rows, cols)
		}
		if (c.Completable == landscape.Yes) != (total == 0) || (c.Missing == 0) != (total == 0) && c.Completable != landscape.Unknown {
			t.Fatalf("seed %d: %d entries open, %v", seed, total, c)
		}
		if slices.ContainsFunc(c.Blocks, func(b landscape.Block) bool { return b.Completable == landscape.No }) {
			inside++
		}
		checkDetermined(t, c)
		i, j := rng.IntN(d1), rng.IntN(d2)
		if mask[i][j] == 1 || o.Exact != 5000 { // else ranks are bounds
			continue
		}
		was := c.At(i, j)
		mask[i][j] = 1
		more := completable(t, boolMask(t, mask), r, o)
		gain := 1
		if was == landscape.Yes {
			gain = 0
		}
		if more.Rank != c.Rank+gain {
			t.Fatalf("seed %d: rank %d after entry (%d, %d), which was determined: %v, was added to rank %d", seed, more.Rank, i, j, was, c.Rank)
		}
		for a := range d1 {
			for b := range d2 {
				if c.At(a, b) == landscape.Yes && more.At(a, b) != landscape.Yes {
					t.Fatalf("seed %d: entry (%d, %d) is no longer determined", seed, a, b)
				}
			}
		}
	}
	if inside < 100 {
		t.Errorf("%d instances with a connected part that is not completable; the test is not worth much", inside)
	}
}

// checkDetermined: every entry of the block is determined, and no line fits in.
func checkDetermined(t *testing.T, c *landscape.Completability) {
	rows, cols := c.Determined()
	all := func(is, js []int) bool {
		for _, i := range is {
			for _, j := range js {
				if c.At(i, j) != landscape.Yes {
					return false
				}
			}
		}
		return true
	}
	if len(rows) == 0 {
		return
	}
	if !all(rows, cols) {
		t.Fatalf("not all of %v × %v is determined", rows, cols)
	}
	for i := range c.D1 {
		if !slices.Contains(rows, i) && len(cols) >= c.R && all([]int{i}, cols) && connected(c, i, rows) {
			t.Fatalf("row %d fits into %v × %v", i, rows, cols)
		}
	}
}

// connected reports whether row i is in the block that has the rows.
func connected(c *landscape.Completability, i int, rows []int) bool {
	for _, b := range c.Blocks {
		if slices.Contains(b.Rows, rows[0]) {
			return slices.Contains(b.Rows, i)
		}
	}
	return false
}

// Rank min(d1, d2): an entry is determined when it is observed, and only then.
func TestCompletableFullRank(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		mask, _ := drawMask(rt, 8)
		r := min(len(mask), len(mask[0]))
		c := completable(t, boolMask(t, mask), r, nil)
		for i, row := range mask {
			for j, v := range row {
				if (c.At(i, j) == landscape.Yes) != (v == 1) {
					rt.Fatalf("entry (%d, %d), observed %d: %v", i, j, v, c.At(i, j))
				}
			}
		}
		if c.Rank != c.Observed {
			rt.Fatalf("rank %d of %d entries", c.Rank, c.Observed)
		}
	})
}

// bridged is two blocks of half the size, full enough each, and n entries between
// them, fewer than r².
func bridged(t testing.TB, d, r, n int, seed uint64) (*operator.Mask, func(i, j int) bool) {
	rng := rand.New(rand.NewPCG(seed, 3))
	mask := make([][]int, d)
	p := 8 * float64(r) / float64(d)
	for i := range mask {
		mask[i] = make([]int, d)
		for j := range mask[i] {
			if (i < d/2) == (j < d/2) && rng.Float64() < p {
				mask[i][j] = 1
			}
		}
	}
	for range n {
		mask[rng.IntN(d/2)][d/2+rng.IntN(d/2)] = 1
	}
	mask[d-1] = make([]int, d) // a short row
	for j := range r - 1 {
		mask[d-1][d-1-j] = 1
	}
	return boolMask(t, mask), func(i, j int) bool {
		return mask[i][j] == 1 || i < d-1 && (i < d/2) == (j < d/2)
	}
}

// Planted: a short row, and two blocks that share too few entries, are found, by
// elimination, by seeds, and by estimate, to the entry.
func TestCompletablePlanted(t *testing.T) {
	const d, r = 240, 3
	for seed := range uint64(3) {
		m, determined := bridged(t, d, r, r*r-1, seed)
		for _, exact := range []int{5000, 700, -1} {
			c := completable(t, m, r, &landscape.CompletableOptions{Exact: exact})
			if c.Completable != landscape.No || !slices.Equal(c.PeeledRows, []int{d - 1}) || len(c.PeeledCols) > 0 || len(c.Blocks) != 1 {
				t.Fatalf("seed %d, Exact %d: %v", seed, exact, c)
			}
			if estimated := c.Blocks[0].Estimate != nil; estimated && exact == 5000 || !estimated && exact == -1 {
				t.Fatalf("seed %d, Exact %d: %+v", seed, exact, c.Blocks[0].Estimate)
			}
			unknown := 0
			for i := range d {
				for j := range d {
					switch at := c.At(i, j); {
					case at == landscape.Unknown:
						unknown++
					case (at == landscape.Yes) != determined(i, j):
						t.Fatalf("seed %d, Exact %d: entry (%d, %d) %v", seed, exact, i, j, at)
					}
				}
			}
			if unknown > d*d/1000 || unknown > 0 && exact > 0 {
				t.Errorf("seed %d, Exact %d: %d entries unknown", seed, exact, unknown)
			}
			if rows, cols := c.Determined(); len(rows) < d/2-1 || len(cols) < d/2-1 {
				t.Errorf("seed %d, Exact %d: a block of %d×%d", seed, exact, len(rows), len(cols))
			}
		}
	}
}

// Entries decided one by one agree.
func TestCompletableEntry(t *testing.T) {
	const d, r = 120, 3
	m, determined := bridged(t, d, r, r*r-1, 5)
	for _, exact := range []int{5000, -1} {
		c := completable(t, m, r, &landscape.CompletableOptions{Exact: exact})
		for _, e := range [][2]int{{0, 1}, {3, d - 2}, {d - 2, 4}, {d / 2, d - 1}, {d - 1, 0}, {1, d / 2}} {
			a, err := c.Entry(context.Background(), e[0], e[1])
			if err != nil {
				t.Fatal(err)
			}
			if a.Determined == landscape.Unknown || (a.Determined == landscape.Yes) != determined(e[0], e[1]) {
				t.Errorf("Exact %d: entry %v: %+v", exact, e, a)
			}
			if a.Proven != math.IsNaN(a.Residual) || exact > 0 && !a.Proven {
				t.Errorf("Exact %d: entry %v: %+v", exact, e, a)
			}
		}
		for _, e := range [][2]int{{-1, 0}, {d, 0}, {0, -1}, {0, d}} {
			if _, err := c.Entry(context.Background(), e[0], e[1]); !errors.Is(err, lr.ErrShape) {
				t.Errorf("entry %v: %v", e, err)
			}
		}
	}
}

func TestCompletableInput(t *testing.T) {
	dense, err := operator.NewIdentity(4, 5)
	if err != nil {
		t.Fatal(err)
	}
	mask, err := operator.NewBernoulliMask(4, 5, 0.8, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		op   lr.Operator
		r    int
		o    *landscape.CompletableOptions
		want error
	}{
		"no operator":       {nil, 1, nil, lr.ErrEmpty},
		"a nil mask":        {(*operator.Mask)(nil), 1, nil, lr.ErrEmpty},
		"no mask":           {dense, 1, nil, lr.ErrAbility},
		"rank 0":            {mask, 0, nil, lr.ErrRank},
		"rank beyond":       {mask, 5, nil, lr.ErrRank},
		"negative products": {mask, 1, &landscape.CompletableOptions{Products: -1}, lr.ErrValue},
	} {
		if _, err := landscape.Completable(context.Background(), c.op, c.r, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("At outside the matrix does not panic")
		}
	}()
	completable(t, mask, 1, nil).At(4, 0)
}

// The same seed, the same answer for any number of threads; another seed changes
// nothing that is exact.
func TestCompletableDeterministic(t *testing.T) {
	m, _ := bridged(t, 100, 3, 5, 1)
	for _, exact := range []int{5000, 300, -1} {
		var first *landscape.Completability
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			c := completable(t, m, 3, &landscape.CompletableOptions{Exact: exact, Seed: 4})
			runtime.GOMAXPROCS(old)
			if first == nil {
				first = c
			} else if !reflect.DeepEqual(first.Blocks, c.Blocks) || first.String() != c.String() || !reflect.DeepEqual(first.Open(), c.Open()) {
				t.Errorf("Exact %d: %v at GOMAXPROCS %d, %v at 1", exact, c, procs, first)
			}
		}
		if other := completable(t, m, 3, &landscape.CompletableOptions{Exact: exact, Seed: 5}); exact > 0 && !reflect.DeepEqual(first.Open(), other.Open()) {
			t.Errorf("Exact %d: another seed, another answer: %v and %v", exact, first, other)
		}
	}
}

// A context that ends stops elimination, estimate and fit soon.
func TestCompletableStops(t *testing.T) {
	m, err := operator.FixedCount{D1: 400, D2: 400, Count: 5000, AtLeast: 5, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []*landscape.CompletableOptions{nil, {Exact: -1, Products: 100000}} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		begin := time.Now()
		_, err := landscape.Completable(ctx, m, 5, o)
		cancel()
		if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) && err != nil || took > 5*time.Second {
			t.Errorf("%+v: %v after %v", o, err, took)
		}
		if o == nil && err == nil {
			t.Error("elimination was not stopped")
		}
	}
	c := completable(t, m, 5, &landscape.CompletableOptions{Exact: -1})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	i, j := 0, 0
	for c.At(i, j) == landscape.Yes && j < 399 && slices.Contains(m.Pattern().Col[:m.Pattern().RowFrom[1]], int32(j)) {
		j++
	}
	if _, err := c.Entry(ctx, i, j); !errors.Is(err, context.Canceled) {
		t.Errorf("Entry: %v", err)
	}
}

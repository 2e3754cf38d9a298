package sparse

import (
	"context"
	"errors"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// bruteForce is the largest weight of any b-matching: every subset of the
// edges of each row in turn.
func bruteForce(w []int64, d1, d2 int, rowCap, colCap []int32) int64 {
	left := append([]int32(nil), colCap...)
	var row func(i int) int64
	row = func(i int) int64 {
		if i == d1 {
			return 0
		}
		best := int64(-1)
		for set := range 1 << d2 {
			if bits.OnesCount(uint(set)) > int(rowCap[i]) {
				continue
			}
			fits, sum := true, int64(0)
			for j := range d2 {
				if set>>j&1 == 1 {
					left[j]--
					fits = fits && left[j] >= 0 && w[i*d2+j] > 0
					sum += w[i*d2+j]
				}
			}
			if fits {
				best = max(best, sum+row(i+1))
			}
			for j := range d2 {
				left[j] += int32(set >> j & 1)
			}
		}
		return best
	}
	return row(0)
}

// solved returns the matching of maximum weight; weights that are not positive
// are no edges.
func solved(t testing.TB, w []int64, d1, d2 int, rowCap, colCap []int32) (*matching, int64) {
	t.Helper()
	m := newMatching(d1, d2)
	copy(m.rowCap, rowCap)
	copy(m.colCap, colCap)
	for k, v := range w {
		m.weight[k] = v
		if v <= 0 || rowCap[k/d2] == 0 || colCap[k%d2] == 0 {
			m.weight[k] = absent
		}
	}
	if err := m.solve(context.Background()); err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, edges := range m.chosen {
		for _, e := range edges {
			sum += e.weight
		}
	}
	return m, sum
}

// fataler is what *testing.T and *rapid.T have in common here.
type fataler interface {
	Fatalf(format string, args ...any)
	Helper()
}

// checkProof holds the matching and its dual solution against the conditions
// that prove it: membership, signs, and complementary slackness. Weights are
// those that the matching was given.
func checkProof(t fataler, m *matching, w []int64) {
	t.Helper()
	on, inRow := make([]bool, m.d1*m.d2), make([]int32, m.d1)
	for j, edges := range m.chosen {
		if len(edges) > int(m.colCap[j]) {
			t.Fatalf("column %d has %d edges and room for %d", j, len(edges), m.colCap[j])
		}
		for _, e := range edges {
			k := int(e.row)*m.d2 + j
			if on[k] || e.weight != w[k] || w[k] <= 0 {
				t.Fatalf("edge (%d, %d) of weight %d is chosen as one of %d, twice: %v", e.row, j, w[k], e.weight, on[k])
			}
			on[k] = true
			inRow[e.row]++
		}
		if m.v[j] < 0 || (m.v[j] > 0 && len(edges) < int(m.colCap[j])) {
			t.Fatalf("column %d with %d of %d edges has v = %d", j, len(edges), m.colCap[j], m.v[j])
		}
	}
	for i, n := range inRow {
		if n > m.rowCap[i] || m.u[i] < 0 || (m.u[i] > 0 && n < m.rowCap[i]) {
			t.Fatalf("row %d with %d of %d edges has u = %d", i, n, m.rowCap[i], m.u[i])
		}
		if m.rowCap[i] == 0 {
			continue
		}
		for j, v := range m.v {
			k := i*m.d2 + j
			slack := m.u[i] + v - w[k]
			if m.colCap[j] > 0 && w[k] > 0 && ((on[k] && slack > 0) || (!on[k] && slack < 0)) {
				t.Fatalf("edge (%d, %d), chosen: %v, has slack %d", i, j, on[k], slack)
			}
		}
	}
}

// eachCaps calls f with all capacities 0 … most of n lines.
func eachCaps(n int, most int32, f func(caps []int32)) {
	caps := make([]int32, n)
	var next func(k int)
	next = func(k int) {
		if k == n {
			f(caps)
			return
		}
		for caps[k] = 0; caps[k] <= most; caps[k]++ {
			next(k + 1)
		}
	}
	next(0)
}

// TestMatchingOnSmallShapes compares with brute force for every shape up to
// 3×4 and 4×3 and all capacities of every line up to 3×3, with uniform ones
// beyond, on weights that are all different, and on ones with many ties and
// gaps.
func TestMatchingOnSmallShapes(t *testing.T) {
	const seed = 4
	rng := rand.New(rand.NewPCG(seed, 1))
	kinds := map[string]func() int64{
		"different": func() int64 { return 1 + rng.Int64N(1<<58) },
		"ties":      func() int64 { return rng.Int64N(3) },
		"gaps":      func() int64 { return max(0, rng.Int64N(20)-10) },
	}
	compare := func(kind string, d1, d2 int, rowCap, colCap []int32) {
		w := make([]int64, d1*d2)
		for k := range w {
			w[k] = kinds[kind]()
		}
		m, got := solved(t, w, d1, d2, rowCap, colCap)
		if want := bruteForce(w, d1, d2, rowCap, colCap); got != want {
			t.Fatalf("%s (seed %d), %d×%d with rows %v and columns %v of %v: weight %d, want %d", kind, seed, d1, d2, rowCap, colCap, w, got, want)
		}
		checkProof(t, m, w)
	}
	for kind := range kinds {
		for d1 := 1; d1 <= 4; d1++ {
			for d2 := 1; d2 <= 4; d2++ {
				if d1*d2 <= 9 {
					eachCaps(d1, int32(d2), func(rowCap []int32) {
						eachCaps(d2, int32(d1), func(colCap []int32) { compare(kind, d1, d2, rowCap, colCap) })
					})
				}
				for a := range d2 + 1 {
					for b := range d1 + 1 {
						compare(kind, d1, d2, constant(d1, a), constant(d2, b))
					}
				}
			}
		}
	}
}

func constant(n, v int) []int32 {
	c := make([]int32, n)
	for k := range c {
		c[k] = int32(v)
	}
	return c
}

// TestMatchingProperty checks the proof on larger matrices of all kinds.
func TestMatchingProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 40).Draw(t, "d1"), rapid.IntRange(1, 40).Draw(t, "d2")
		most := rapid.SampledFrom([]int64{1, 2, 5, 100, 1 << 40, 1<<59 - 1}).Draw(t, "most")
		gaps := rapid.SampledFrom([]float64{0, .3, .9}).Draw(t, "gaps")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rowCap, colCap := make([]int32, d1), make([]int32, d2)
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		for i := range rowCap {
			rowCap[i] = rng.Int32N(int32(share*float64(d2)) + 1)
		}
		for j := range colCap {
			colCap[j] = rng.Int32N(int32(share*float64(d1)) + 1)
		}
		m, w := newMatching(d1, d2), make([]int64, d1*d2)
		copy(m.rowCap, rowCap)
		copy(m.colCap, colCap)
		for k := range w {
			if rng.Float64() >= gaps {
				w[k] = 1 + rng.Int64N(most)
			}
			m.weight[k] = w[k]
			if w[k] == 0 || rowCap[k/d2] == 0 || colCap[k%d2] == 0 {
				m.weight[k] = absent
			}
		}
		if err := m.solve(context.Background()); err != nil {
			t.Fatalf("%v", err)
		}
		checkProof(t, m, w)
	})
}

// TestMatchingAgain uses a matching for another problem.
func TestMatchingAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	m := newMatching(12, 15)
	for round := range 3 {
		copy(m.rowCap, constant(12, 2+round))
		copy(m.colCap, constant(15, 3-round))
		w := make([]int64, 12*15)
		for k := range w {
			w[k] = 1 + rng.Int64N(50)
		}
		copy(m.weight, w)
		if err := m.solve(context.Background()); err != nil {
			t.Fatal(err)
		}
		checkProof(t, m, w)
	}
}

func TestMatchingStops(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if err := newMatching(3, 3).solve(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
}

func ExampleRule_String() {
	fmt.Println(Threshold, Greedy, Exact)
	// Output: threshold greedy exact
}

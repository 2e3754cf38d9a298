package landscape_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// 10⁴×10⁴ with 10⁶ entries at rank 5: far less than 2 GiB.
func TestCompletableLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("a million entries")
	}
	m, err := operator.FixedCount{D1: 10000, D2: 10000, Count: 1000000, AtLeast: 5, Seed: 1}.New()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	c := completable(t, m, 5, nil)
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	if c.Completable != landscape.Yes || c.Proven {
		t.Errorf("%v", c)
	}
	if all := after.TotalAlloc - before.TotalAlloc; all > 1<<30 || took > time.Minute {
		t.Errorf("%d bytes allocated in all, %v", all, took)
	}
	a, err := c.Entry(context.Background(), 17, 4711)
	if err != nil || a.Determined != landscape.Yes || a.Proven {
		t.Errorf("%+v, %v", a, err)
	}
}

// Two blocks with 24 entries between them, one fewer than r², and a short row, in
// what is too large for elimination: the estimate finds what is open, also beside
// what a seed grew to.
func TestCompletableLargePlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("some hundreds of products with 10⁵ entries")
	}
	const d, r, short = 1200, 5, 432
	rng := rand.New(rand.NewPCG(1, 4))
	var rows, cols []int
	for i := range d {
		half, n := i/(d/2)*(d/2), 80
		if i == short {
			n = r - 1
		}
		for _, j := range rng.Perm(d / 2)[:n] {
			rows, cols = append(rows, i), append(cols, half+j)
		}
	}
	for k := range r*r - 1 {
		rows, cols = append(rows, k), append(cols, d/2+7*k)
	}
	m, _, err := operator.NewMask(d, d, rows, cols)
	if err != nil {
		t.Fatal(err)
	}
	for _, exact := range []int{-1, 1500} {
		c := completable(t, m, r, &landscape.CompletableOptions{Exact: exact})
		if c.Completable != landscape.No || !slices.Equal(c.PeeledRows, []int{short}) || len(c.PeeledCols) > 0 || len(c.Blocks) != 1 || c.Missing != 2 || c.Blocks[0].Estimate == nil {
			t.Fatalf("Exact %d: %v", exact, c)
		}
		if known := c.Blocks[0].Known; exact < 0 && known > 0 || exact > 0 && known < d/2 {
			t.Errorf("Exact %d: %d rows and columns known from a seed", exact, known)
		}
		for _, e := range []struct {
			i, j int
			want landscape.Answer
		}{{50, 60, landscape.Yes}, {900, 901, landscape.Yes}, {50, 901, landscape.No}, {900, 60, landscape.No}, {0, d / 2, landscape.Yes}, {short, d - 1, landscape.No}} {
			if got := c.At(e.i, e.j); got != e.want {
				t.Errorf("Exact %d: entry (%d, %d): %v, want %v", exact, e.i, e.j, got, e.want)
			}
			if a, err := c.Entry(context.Background(), e.i, e.j); err != nil || a.Determined != e.want {
				t.Errorf("Exact %d: entry (%d, %d) by a fit: %+v, want %v; %v", exact, e.i, e.j, a, e.want, err)
			}
		}
	}
}

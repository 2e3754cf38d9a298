package theory

import (
	"context"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

func TestMeasureRemarks(t *testing.T) {
	quick := Effort{Seed: 4, Quick: true}
	m, err := measureNoise(t.Context(), quick)
	if err != nil || !(m.Residual < 1e-13) || m.Instances != 5 {
		t.Errorf("noise: %+v, %v", m, err)
	}
	m, err = measureHalf(t.Context(), quick)
	if err != nil || !(m.Residual < 1e-13) || m.Instances != 12 {
		t.Errorf("RIP ½: %+v, %v", m, err)
	}
	m, err = measureBlocks(t.Context(), Effort{Seed: 4})
	if err != nil || m.Violations != 0 || m.Instances != 100 || !(m.Closest > 0.9 && m.Closest < 1+1e-9) {
		t.Errorf("blocks: %+v, %v", m, err)
	}
}

// Two problems that differ are seen to.
func TestApart(t *testing.T) {
	p, err := ranked(2)(1)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ranked(2)(2)
	if err != nil {
		t.Fatal(err)
	}
	rng := lr.Stream(1, "apart")
	x, d := normalPoint(rng, p, 1), normalPoint(rng, p, 1)
	if same, other := apart(p, p, x, d), apart(p, q, x, d); same != 0 || !(other > 0.01) {
		t.Errorf("apart from itself %v, from another %v", same, other)
	}
}

// With too many columns the truth is found, with too few it is not: the end is
// as far away as the best matrix of that rank, or farther.
func TestRanks(t *testing.T) {
	for _, c := range []struct {
		rank, successes int
		least, most     float64
	}{{1, 0, 1 / math.Sqrt(5) * (1 - 1e-9), 0.6}, {2, 4, 0, 1e-3}, {4, 4, 0, 1e-3}} {
		r, err := ranks(t.Context(), Effort{Seed: 6, Quick: true}, c.rank)
		if err != nil || r.Overall.Successes != c.successes || r.Overall.Trials != 4 {
			t.Fatalf("rank %d: %v, %v", c.rank, r, err)
		}
		for _, o := range r.Outcomes {
			if e := o.Certificate.RelErr; !(e >= c.least && e <= c.most) {
				t.Errorf("rank %d, seed %d: relative error %v, want %v to %v", c.rank, o.Seed, e, c.least, c.most)
			}
		}
	}
}

// The counts are those of a plain look at the entries, and about as many lines
// are short as the binomial distribution says.
func TestShortLines(t *testing.T) {
	mask, err := operator.FixedCount{D1: 40, D2: 40, Count: 120, Seed: 3}.New()
	if err != nil {
		t.Fatal(err)
	}
	var rows, cols [40]int
	for e := range 120 {
		i, j := mask.Entry(e)
		rows[i]++
		cols[j]++
	}
	want := 0
	for k := range 40 {
		if rows[k] < 3 {
			want++
		}
		if cols[k] < 3 {
			want++
		}
	}
	if got, err := short(40, 3, 120, 3); err != nil || got != want || want == 0 {
		t.Errorf("%d short lines, want %d, %v", got, want, err)
	}
	if _, err := short(4, 1, 17, 1); err == nil {
		t.Error("17 entries of a 4×4 matrix")
	}
	m, err := measureShort(t.Context(), Effort{Seed: 8, Quick: true})
	if err != nil || m.Proportion.Trials != 10 || m.Proportion.Successes > 7 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestRemarksEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, item := range append(remarkItems(), figureItems()...) {
		if _, err := item.Measure(ctx, Effort{Quick: true}); err == nil {
			t.Errorf("%s goes on after the end", item.Name)
		}
	}
}

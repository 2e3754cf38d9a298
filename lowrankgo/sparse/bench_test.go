package sparse

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// spiked is what robust PCA projects: noise of size 1e-3 with larger entries in
// a share α of the places of each row, at random.
func spiked(rng *rand.Rand, d1, d2 int, alpha float64) *mat.Dense {
	x := lr.NormalMatrix(rng, d1, d2)
	x.Scale(1e-3, x)
	for i := range d1 {
		for _, j := range rng.Perm(d2)[:int(alpha*float64(d2))] {
			x.Set(i, j, rng.NormFloat64())
		}
	}
	return x
}

func benchProject(b *testing.B, d1, d2 int, rule Rule, x *mat.Dense) {
	p, err := NewProjector(d1, d2, lr.SparseSet{Alpha: .1}, rule)
	if err != nil {
		b.Fatal(err)
	}
	s := new(lr.Sparse)
	for b.Loop() {
		if err := p.Project(context.Background(), s, x); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d1*d2)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mentries/s")
}

func BenchmarkProject(b *testing.B) {
	for _, c := range []struct {
		rule   Rule
		d1, d2 int
	}{
		{Exact, 100, 100}, {Exact, 200, 200}, {Exact, 500, 500},
		{Greedy, 100, 100}, {Greedy, 1000, 1000},
		{Threshold, 100, 100}, {Threshold, 1000, 1000}, {Threshold, 5000, 2000},
	} {
		rng := lr.Stream(1, "bench")
		b.Run(fmt.Sprintf("%v/%dx%d", c.rule, c.d1, c.d2), func(b *testing.B) {
			benchProject(b, c.d1, c.d2, c.rule, lr.NormalMatrix(rng, c.d1, c.d2))
		})
		b.Run(fmt.Sprintf("%v/%dx%d/spiked", c.rule, c.d1, c.d2), func(b *testing.B) {
			benchProject(b, c.d1, c.d2, c.rule, spiked(rng, c.d1, c.d2, .1))
		})
	}
}

var _ = math.Inf

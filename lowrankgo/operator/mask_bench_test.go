package operator_test

import (
	"fmt"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// BenchmarkMask reports, for each of a mask's loops, flops and the bytes of
// lists and numbers on Ω read and written for an entry; thin matrices come on top.
func BenchmarkMask(b *testing.B) {
	for _, c := range []struct {
		name   string
		d1, d2 int
		p      float64
	}{
		{"even", 4000, 4000, 0.05},
		{"sparse", 200_000, 200_000, 5e-5},
		{"skewed", 40, 40_000, 0.5},
	} {
		m := observing(b, c.d1, c.d2, c.p)
		_, _, n := m.Dims()
		trans := 4.0 + 8
		if n < 128*c.d2 {
			trans += 4 // by columns, with where each number stands
		}
		for _, k := range []int{10, 32} {
			rng := lr.Stream(2, "bench")
			x, y := lr.NormalMatrix(rng, c.d1, k), lr.NormalMatrix(rng, c.d2, k)
			gy, gx := mat.NewDense(c.d1, k, nil), mat.NewDense(c.d2, k, nil)
			res, obs, e := make([]float64, n), make([]float64, n), m.NewEval()
			e.Adjoint(obs)
			for _, l := range []struct {
				name  string
				bytes float64
				do    func()
			}{
				{"apply", 4 + 8 + 8, func() { e.Apply(res, x, y, obs) }},
				{"mul", 4 + 8, func() { e.Mul(gy, 0, false, y) }},
				{"mulTrans", trans, func() { e.Mul(gx, 0, true, x) }},
			} {
				b.Run(fmt.Sprintf("%s/k=%d/%s", c.name, k, l.name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						l.do()
					}
					seconds := b.Elapsed().Seconds() / float64(b.N)
					b.ReportMetric(2*float64(k)*float64(n)/seconds*1e-9, "GFLOP/s")
					b.ReportMetric(seconds*1e9/float64(n), "ns/entry")
					b.ReportMetric(l.bytes, "bytes/entry")
				})
			}
		}
	}
}

// observing draws as many entries as a share p is: fast for few in a large
// matrix.
func observing(b *testing.B, d1, d2 int, p float64) *operator.Mask {
	b.Helper()
	m, err := operator.FixedCount{D1: d1, D2: d2, Count: int(p * float64(d1) * float64(d2)), Seed: 1}.New()
	if err != nil {
		b.Fatal(err)
	}
	return m
}

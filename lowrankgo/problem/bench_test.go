package problem_test

import (
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
)

// benchmarkGradient measures a value with its gradient where the evaluator
// remembers nothing: it goes to and fro between two points.
func benchmarkGradient(b *testing.B, p lr.Problem, bytes int64) {
	b.Helper()
	x := lr.NewPoint(p)
	x.U.Copy(lr.NormalMatrix(lr.Stream(1, "bench U"), x.U.RawMatrix().Rows, x.Rank()))
	x.V.Copy(lr.NormalMatrix(lr.Stream(1, "bench V"), x.V.RawMatrix().Rows, x.Rank()))
	y, g, e := x.Clone(), lr.NewPoint(p), p.NewEval()
	y.Scale(0.5)
	e.Grad(g, x)
	b.SetBytes(bytes)
	b.ReportAllocs()
	for b.Loop() {
		x, y = y, x
		e.Grad(g, x)
	}
}

// BenchmarkSensingGradient reports the bytes of A, read once a gradient; its
// sub-benchmarks are named m×d1·d2.
func BenchmarkSensingGradient(b *testing.B) {
	for _, c := range []struct {
		name string
		p    problem.GaussianSensing
	}{
		{"750x2000", problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}},
		{"6000x10000", problem.GaussianSensing{D1: 100, D2: 100, Rank: 5, M: 6000, Seed: 1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchmarkGradient(b, made(b, c.p), 8*int64(c.p.M)*int64(c.p.D1*c.p.D2))
		})
	}
}

// BenchmarkCompletionGradient reports the bytes of the index lists, read once
// a gradient.
func BenchmarkCompletionGradient(b *testing.B) {
	p := made(b, problem.RandomCompletion{D1: 1000, D2: 1000, Rank: 10, P: 0.2, Seed: 1})
	benchmarkGradient(b, p, 16*int64(len(p.Measurements())))
}

// BenchmarkSensingHessVec measures a Hessian product at a point whose gradient
// is known.
func BenchmarkSensingHessVec(b *testing.B) {
	p := made(b, problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1})
	h, _ := lr.HessVecOf(p)
	x, _ := lr.TruthOf(p)
	dst := lr.NewPoint(p)
	h.HessVec(dst, x, x)
	b.ReportAllocs()
	for b.Loop() {
		h.HessVec(dst, x, x)
	}
}

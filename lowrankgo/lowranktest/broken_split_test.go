package lowranktest_test

import (
	"context"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"gonum.org/v1/gonum/mat"
)

// spikes is an 8×7 matrix of rank 1 with an outlier in each row, and a gap.
func spikes() (truth *lr.Factors, data *mat.Dense) {
	truth = &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "U"), 8, 1), V: lr.NormalMatrix(lr.Stream(1, "V"), 7, 1)}
	data = truth.Dense()
	for i := range 8 {
		data.Set(i, 3*i%7, data.At(i, 3*i%7)+20)
	}
	data.Set(2, 2, math.NaN())
	return truth, data
}

// divided is robust PCA of spikes by functions: S is what is larger than 5.
func divided(fault func(*lr.Funcs)) lr.Funcs {
	truth, data := spikes()
	residual := func(x *lr.Factors) *mat.Dense {
		var e mat.Dense
		e.Sub(data, x.Dense())
		return &e
	}
	set := lr.SparseSet{Alpha: 0.9}
	p := lr.Funcs{
		Name: "divided", D1: 8, D2: 7, Rank: 1, TruthValue: truth,
		SplitValue:     &lr.Split{Data: data, Set: set, Weight: 1},
		SparsePartFunc: func(x *lr.Factors) *lr.Sparse { return above(residual(x), 5) },
		GradFunc: func(dst, x *lr.Factors) (sum float64) {
			e := residual(x)
			s := above(e, 5)
			e.Apply(func(i, j int, v float64) float64 {
				if v -= s.At(i, j); math.IsNaN(v) {
					return 0
				}
				sum += v * v / 2
				return -v
			}, e)
			if dst != nil {
				dst.U.Mul(e, x.V)
				dst.V.Mul(e.T(), x.U)
			}
			return sum
		},
	}
	if fault != nil {
		fault(&p)
	}
	return p
}

// above is what of e is larger than zeta.
func above(e *mat.Dense, zeta float64) *lr.Sparse {
	d1, d2 := e.Dims()
	var rows, cols []int
	var values []float64
	for i := range d1 {
		for j := range d2 {
			if v := e.At(i, j); math.Abs(v) > zeta {
				rows, cols, values = append(rows, i), append(cols, j), append(values, v)
			}
		}
	}
	s, err := lr.NewSparse(d1, d2, rows, cols, values)
	if err != nil {
		panic(err)
	}
	return s
}

// divide is alternating projections with a threshold that falls, written
// plainly, with the faults of badSplit.
type divide struct{ faults badSplit }

type badSplit struct {
	other, shared, gap, shape, late, forget, wild bool
	options                                       lowranktest.MethodOptions
}

type dividing struct {
	divide
	data *mat.Dense
	x    *lr.Factors
	zeta float64
	was  float64 // the residual before
	kept *lr.Sparse
}

func (divide) Name() string { return "divide" }

func (m divide) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	split, _ := lr.SplitOf(p)
	s := &dividing{divide: m, data: split.Data.(*mat.Dense), x: x0.Clone(), zeta: 10}
	s.was = s.Residual()
	return s, nil
}

func (s *dividing) residual() *mat.Dense {
	var e mat.Dense
	e.Sub(s.data, s.x.Dense())
	return &e
}

// Step takes the first singular pair of what S leaves of the data, with the
// current point where they are not observed or an outlier is.
func (s *dividing) Step(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.was = s.Residual()
	e, m := s.residual(), s.x.Dense()
	m.Apply(func(i, j int, l float64) float64 {
		if v := e.At(i, j); math.Abs(v) <= s.zeta {
			return l + v
		}
		return l
	}, m)
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDThin) {
		return lr.ErrNoProgress
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	root := math.Sqrt(svd.Values(nil)[0])
	for i := range 8 {
		s.x.U.Set(i, 0, root*u.At(i, 0))
	}
	for j := range 7 {
		s.x.V.Set(j, 0, root*v.At(j, 0))
	}
	s.zeta = math.Max(0.7*s.zeta, 2)
	return nil
}

func (s *dividing) Point() *lr.Factors { return s.x }

func (s *dividing) Info() lr.Info {
	return lr.Info{Loss: math.NaN(), GradNorm: math.NaN(), Step: s.zeta}
}

func (s *dividing) Residual() float64 {
	if s.faults.late {
		defer func() { s.was = 0 }()
		return s.was
	}
	if s.faults.wild {
		return -1
	}
	e, part := s.residual(), s.good()
	var left, all float64
	for i := range 8 {
		for j := range 7 {
			if v := e.At(i, j); !math.IsNaN(v) {
				left = math.Hypot(left, v-part.At(i, j))
				all = math.Hypot(all, s.data.At(i, j))
			}
		}
	}
	return left / all
}

func (s *dividing) good() *lr.Sparse { return above(s.residual(), s.zeta) }

func (s *dividing) SparsePart() *lr.Sparse {
	f := s.faults
	switch {
	case f.other:
		return above(s.residual(), s.zeta/2)
	case f.shape:
		return above(mat.DenseCopyOf(s.residual().T()), s.zeta)
	case f.gap:
		e := s.residual()
		e.Set(2, 2, 1e6)
		return above(e, s.zeta)
	case f.shared:
		if s.kept == nil {
			s.kept = s.good()
		}
		return s.kept
	}
	return s.good()
}

func (s *dividing) State() []any {
	if s.faults.forget {
		return []any{s.x}
	}
	return []any{s.x, &s.zeta, &s.was}
}

func testDivide(t *testing.T, faults badSplit) {
	p := divided(nil)
	o := faults.options
	o.Stop, o.Allocates, o.RelErr = lr.ResidualBelow(1e-9), true, 1e-7
	lowranktest.TestMethod(t, divide{faults}, p, lr.NewPoint(p), o)
}

func brokenSplit(fault func(*badSplit)) func(t *testing.T) {
	return func(t *testing.T) {
		var f badSplit
		fault(&f)
		testDivide(t, f)
	}
}

func TestGoodSplitterPasses(t *testing.T) {
	testDivide(t, badSplit{})
	t.Run("estimate", func(t *testing.T) { testDivide(t, badSplit{options: lowranktest.MethodOptions{Estimates: true}}) })
}

func brokenDivided(fault func(*lr.Funcs)) func(t *testing.T) {
	return func(t *testing.T) {
		lowranktest.TestProblem(t, divided(fault))
	}
}

// doubled is what f gives, twice.
func doubled(f func(x *lr.Factors) *lr.Sparse) func(x *lr.Factors) *lr.Sparse {
	return func(x *lr.Factors) *lr.Sparse {
		s := f(x)
		for e := range s.Value {
			s.Value[e] *= 2
		}
		return s
	}
}

// withInf is said to have data with an infinite entry.
func withInf(p *lr.Funcs) {
	data := mat.DenseCopyOf(p.SplitValue.Data)
	data.Set(0, 1, math.Inf(1))
	p.SplitValue.Data = data
}

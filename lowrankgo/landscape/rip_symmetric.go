package landscape

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/krylov"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// symmetric improves M = VSVᵀ, V orthonormal d×r and S symmetric, in turns: with V
// held, the best S is an eigenvector; and M is replaced by the best approximation
// of rank r of c·M − sign·H(M), symmetrised. For c above the largest eigenvalue of
// sign·H on symmetric matrices a convex function is maximised so, and the
// quotient does not get worse. It works with d×d matrices, d³ flops a sweep.
func (s *ripSearch) symmetric(ctx context.Context, rng *rand.Rand) (extreme, error) {
	shift, err := s.shift(rng)
	if err != nil {
		return extreme{}, err
	}
	v, core := lr.NormalMatrix(rng, s.d1, s.r), lr.NormalMatrix(rng, s.r, s.r)
	linalg.Orthonormalise(v)
	linalg.Symmetrise(core)
	g, eye := mat.NewDense(s.d1, s.d1, nil), linalg.Identity(s.d1)
	l := krylov.NewLanczos(s.r*s.r, min(s.r*s.r, ripSteps))
	best := extreme{value: math.Inf(1)}
	for range s.o.Sweeps {
		if err := ctx.Err(); err != nil {
			return extreme{}, err
		}
		value, err := s.improveCore(l, v, core)
		if err != nil {
			return extreme{}, err
		}
		gain := best.value - value
		if gain > 0 {
			best = extreme{value, symmetricFactors(v, core)}
		}
		if !(gain > s.o.Tol*math.Abs(value)) {
			break
		}
		m := symmetricFactors(v, core)
		s.form.Apply(m.U, m.V)
		s.form.Mul(g, 0, false, eye)
		g.Scale(-s.sign, g)
		addProductOf(g, shift, m)
		if err := truncated(g, v, core); err != nil {
			return extreme{}, err
		}
	}
	best.value *= s.sign
	return best, nil
}

// shift is a number above the largest eigenvalue of sign·H on symmetric matrices,
// as far as Lanczos sees it.
func (s *ripSearch) shift(rng *rand.Rand) (float64, error) {
	d := s.d1
	eye := linalg.Identity(d)
	start := lr.NormalMatrix(rng, d, d)
	linalg.Symmetrise(start)
	l := krylov.NewLanczos(d*d, min(d*d, ripSteps))
	low, err := improveBy(l, min(d*d, ripSteps), func(dst, x []float64) {
		out := mat.NewDense(d, d, dst)
		s.form.Apply(mat.NewDense(d, d, x), eye)
		s.form.Mul(out, 0, false, eye)
		linalg.Symmetrise(out)
		out.Scale(-s.sign, out)
	}, start.RawMatrix().Data)
	if err != nil {
		return 0, err
	}
	top := l.Ritz() // of −sign·H: its ends are −λmax and −λmin of sign·H
	return -low + float64(0.05*(top.High-low)), nil
}

// improveCore replaces S by the best one, of norm 1, as Lanczos sees it.
func (s *ripSearch) improveCore(l *krylov.Lanczos, v, core *mat.Dense) (float64, error) {
	var left, tall mat.Dense
	tall.ReuseAs(s.d1, s.r)
	return improveBy(l, min(s.r*s.r, ripSteps), func(dst, x []float64) {
		left.Mul(v, mat.NewDense(s.r, s.r, x))
		s.form.Apply(&left, v)
		s.form.Mul(&tall, 0, false, v)
		out := mat.NewDense(s.r, s.r, dst)
		out.Mul(v.T(), &tall)
		linalg.Symmetrise(out)
		out.Scale(s.sign, out)
	}, core.RawMatrix().Data)
}

// symmetricFactors is VSVᵀ as factors VS and V.
func symmetricFactors(v, core *mat.Dense) *lr.Factors {
	u := new(mat.Dense)
	u.Mul(v, core)
	return &lr.Factors{U: u, V: mat.DenseCopyOf(v)}
}

// addProductOf adds c·UVᵀ to g.
func addProductOf(g *mat.Dense, c float64, m *lr.Factors) {
	var p mat.Dense
	p.Mul(m.U, m.V.T())
	p.Scale(c, &p)
	g.Add(g, &p)
}

// truncated sets VSVᵀ to the best approximation of rank r of the symmetric part of
// g: the eigenvalues of largest size.
func truncated(g, v, core *mat.Dense) error {
	d, r := v.Dims()
	sym := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			sym.SetSym(i, j, g.At(i, j)/2+g.At(j, i)/2)
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, true) {
		return fmt.Errorf("landscape: the eigenvalues of a %d×%d matrix did not converge: %w", d, d, lr.ErrFailed)
	}
	values, order := eig.Values(nil), make([]int, d)
	for k := range order {
		order[k] = k
	}
	sort.SliceStable(order, func(a, b int) bool { return math.Abs(values[order[a]]) > math.Abs(values[order[b]]) })
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	core.Zero()
	for k := range r {
		core.Set(k, k, values[order[k]])
		for i := range d {
			v.Set(i, k, vectors.At(i, order[k]))
		}
	}
	return nil
}

package problem

import (
	"math"
	"sort"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
)

// Split is the objective that [RobustPCA] makes.
type Split struct {
	Objective
	parts    lr.Split
	mask     *operator.Mask // of listed entries
	observed int
}

// Split returns the data and the set of sparse parts. They must not be changed.
func (s *Split) Split() *lr.Split {
	p := s.parts
	return &p
}

// NewEval returns a workspace.
func (s *Split) NewEval() lr.Evaluator {
	data := mat.NewDense(s.d1, s.d2, nil)
	for i := range s.d1 {
		for j := range s.d2 {
			if s.parts.Data != nil {
				data.Set(i, j, s.parts.Data.At(i, j))
			} else {
				data.Set(i, j, math.NaN())
			}
		}
	}
	if p := s.parts.Pattern; p != nil {
		for i := range s.d1 {
			for e := p.RowFrom[i]; e < p.RowFrom[i+1]; e++ {
				data.Set(i, int(p.Col[e]), s.parts.Values[e])
			}
		}
	}
	return &splitEval{p: s, data: data, g: mat.NewDense(s.d1, s.d2, nil), k: mat.NewDense(s.d1, s.d2, nil), s: mat.NewDense(s.d1, s.d2, nil)}
}

type splitEval struct {
	p             *Split
	data, g, k, s *mat.Dense
}

// visit sets S and G = M + S − Data, 0 where not observed.
func (e *splitEval) visit(x *lr.Factors) float64 {
	r, left := x.Dense(), mat.NewDense(e.p.d1, e.p.d2, nil)
	left.Sub(e.data, r)
	inRow, inCol := make([][]bool, e.p.d1), make([][]bool, e.p.d2)
	col := make([]float64, e.p.d1)
	for i := range inRow {
		inRow[i] = top(left.RawRowView(i), e.p.parts.Set)
	}
	for j := range inCol {
		inCol[j] = top(mat.Col(col, j, left), e.p.parts.Set)
	}
	limit, sum := e.p.parts.Set.Filled().Cap, 0.0
	for i := range e.p.d1 {
		for j := range e.p.d2 {
			v, s := left.At(i, j), 0.0
			if math.IsNaN(e.data.At(i, j)) {
				v = 0
			}
			if inRow[i][j] && inCol[j][i] {
				s = math.Max(-limit, math.Min(limit, v))
			}
			e.s.Set(i, j, s)
			e.g.Set(i, j, s-v)
			sum += float64((s - v) * (s - v))
		}
	}
	return sum / 2
}

// top says which are the largest magnitudes that a line may keep.
func top(x []float64, set lr.SparseSet) []bool {
	var at []int
	n := 0
	for i, v := range x {
		if !math.IsNaN(v) {
			n++
			if v != 0 {
				at = append(at, i)
			}
		}
	}
	sort.SliceStable(at, func(a, b int) bool { return math.Abs(x[at[a]]) > math.Abs(x[at[b]]) })
	in := make([]bool, len(x))
	for k, i := range at {
		in[i] = k < set.Most(n)
	}
	return in
}

func (e *splitEval) products(dst, x *lr.Factors, g *mat.Dense) {
	if dst.V == nil {
		var a, b mat.Dense
		a.Mul(g, x.U)
		b.Mul(g.T(), x.U)
		dst.U.Add(&a, &b)
		return
	}
	dst.U.Mul(g, x.V)
	dst.V.Mul(g.T(), x.U)
}

func (e *splitEval) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.p, x)
	v := e.visit(x)
	if dst != nil {
		checkShape(e.p, dst)
		e.products(dst, x, e.g)
	}
	return v
}

func (e *splitEval) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.p, x)
	checkShape(e.p, d)
	checkShape(e.p, dst)
	e.visit(x)
	var a, b mat.Dense
	a.Mul(d.U, x.Right().T())
	b.Mul(x.U, d.Right().T())
	limit := e.p.parts.Set.Filled().Cap
	for i := range e.p.d1 {
		for j := range e.p.d2 {
			v := a.At(i, j) + b.At(i, j)
			if s := e.s.At(i, j); math.IsNaN(e.data.At(i, j)) || s != 0 && math.Abs(s) < limit {
				v = 0
			}
			e.k.Set(i, j, v)
		}
	}
	e.products(dst, x, e.k)
	more := d.Clone()
	e.products(more, d, e.g)
	dst.AddScaled(1, more)
}

func (e *splitEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	if x == nil {
		x = lr.NewPoint(e.p)
	}
	e.visit(x)
	if trans {
		dst.Mul(e.g.T(), z)
		return
	}
	dst.Mul(e.g, z)
}

// SparsePart returns the minimiser S at x.
func (e *splitEval) SparsePart(x *lr.Factors) *lr.Sparse {
	checkShape(e.p, x)
	e.visit(x)
	var rows, cols []int
	var values []float64
	for i := range e.p.d1 {
		for j, v := range e.s.RawRowView(i) {
			if v != 0 {
				rows, cols, values = append(rows, i), append(cols, j), append(values, v)
			}
		}
	}
	s, err := lr.NewSparse(e.p.d1, e.p.d2, rows, cols, values)
	if err != nil {
		panic("problem: " + err.Error())
	}
	return s
}

// Overfull returns the share of rows and columns that need a larger S.
func (e *splitEval) Overfull(x *lr.Factors) float64 {
	checkShape(e.p, x)
	e.visit(x)
	var left mat.Dense
	left.Sub(e.data, x.Dense())
	rms := mat.Norm(e.s, 2)
	over := 0
	check := func(line []float64) {
		var mags []float64
		for _, v := range line {
			if !math.IsNaN(v) {
				mags = append(mags, math.Abs(v))
			}
		}
		k := e.p.parts.Set.Most(len(mags))
		sort.Float64s(mags)
		n := len(mags) - k
		if n > 1 && mags[n-1] > 10*mags[n/2] && mags[n-1] > 1e-8*rms {
			over++
		}
	}
	for i := range e.p.d1 {
		check(left.RawRowView(i))
	}
	for j := range e.p.d2 {
		check(mat.Col(nil, j, &left))
	}
	return float64(over) / float64(e.p.d1+e.p.d2)
}

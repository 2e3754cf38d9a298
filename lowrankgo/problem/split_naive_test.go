package problem_test

import (
	"math"
	"sort"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// naiveSplit is robust PCA by its definition: whole matrices, and sorting.
type naiveSplit struct {
	data *mat.Dense // NaN where not observed
	set  lr.SparseSet
	s, g *mat.Dense // S and M + S − Data at the last point, 0 where not observed
}

// at goes to x and returns the value, with the threshold rule's S.
func (n *naiveSplit) at(x *lr.Factors) float64 {
	left := n.residual(x)
	d1, d2 := left.Dims()
	inRow, inCol := make([][]bool, d1), make([][]bool, d2)
	for i := range inRow {
		inRow[i] = naiveTop(mat.Row(nil, i, left), n.set)
	}
	for j := range inCol {
		inCol[j] = naiveTop(mat.Col(nil, j, left), n.set)
	}
	s := mat.NewDense(d1, d2, nil)
	for i := range d1 {
		for j := range d2 {
			if inRow[i][j] && inCol[j][i] {
				limit := n.set.Filled().Cap
				s.Set(i, j, math.Max(-limit, math.Min(limit, left.At(i, j))))
			}
		}
	}
	return n.with(left, s)
}

// with takes S as given.
func (n *naiveSplit) with(left, s *mat.Dense) float64 {
	d1, d2 := left.Dims()
	n.s, n.g = s, mat.NewDense(d1, d2, nil)
	var sum float64
	for i := range d1 {
		for j := range d2 {
			if v := left.At(i, j); !math.IsNaN(v) {
				n.g.Set(i, j, s.At(i, j)-v)
				sum += (s.At(i, j) - v) * (s.At(i, j) - v)
			}
		}
	}
	return sum / 2
}

func (n *naiveSplit) residual(x *lr.Factors) *mat.Dense {
	var left mat.Dense
	left.Sub(n.data, x.Dense())
	return &left
}

// naiveTop says which are the largest magnitudes that a line may keep.
func naiveTop(x []float64, set lr.SparseSet) []bool {
	var at []int
	n := 0
	for i, v := range x {
		if math.IsNaN(v) {
			continue
		}
		n++
		if v != 0 {
			at = append(at, i)
		}
	}
	sort.SliceStable(at, func(a, b int) bool { return math.Abs(x[at[a]]) > math.Abs(x[at[b]]) })
	in := make([]bool, len(x))
	for k, i := range at {
		in[i] = k < set.Most(n)
	}
	return in
}

// grad sets dst to the gradient at the last point, x.
func (n *naiveSplit) grad(dst, x *lr.Factors) { naiveProducts(dst, x, n.g) }

// naiveProducts sets dst = (G·V, Gᵀ·U), or (G + Gᵀ)·U.
func naiveProducts(dst, x *lr.Factors, g *mat.Dense) {
	if dst.V != nil {
		dst.U.Mul(g, x.V)
		dst.V.Mul(g.T(), x.U)
		return
	}
	var a, b mat.Dense
	a.Mul(g, x.U)
	b.Mul(g.T(), x.U)
	dst.U.Add(&a, &b)
}

// hess sets dst to the second derivative at the last point, x, along d: that
// with S frozen, or f's own.
func (n *naiveSplit) hess(dst, x, d *lr.Factors, frozen bool) {
	var k, b mat.Dense
	k.Mul(d.U, x.Right().T())
	b.Mul(x.U, d.Right().T())
	k.Add(&k, &b)
	k.Apply(func(i, j int, v float64) float64 {
		s := n.s.At(i, j)
		if math.IsNaN(n.data.At(i, j)) || !frozen && s != 0 && math.Abs(s) < n.set.Filled().Cap {
			return 0
		}
		return v
	}, &k)
	naiveProducts(dst, x, &k)
	more := d.Clone()
	naiveProducts(more, d, n.g)
	dst.AddScaled(1, more)
}

// wholeOf is the data of a problem, NaN where they are not observed.
func wholeOf(p *problem.Split) *mat.Dense {
	s := p.Split()
	if s.Data != nil {
		return mat.DenseCopyOf(s.Data)
	}
	d1, d2, _ := p.Dims()
	m := mat.NewDense(d1, d2, nil)
	for i := range d1 {
		for j := range d2 {
			m.Set(i, j, math.NaN())
		}
		for e := s.Pattern.RowFrom[i]; e < s.Pattern.RowFrom[i+1]; e++ {
			m.Set(i, int(s.Pattern.Col[e]), s.Values[e])
		}
	}
	return m
}

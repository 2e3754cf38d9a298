package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// Split is the objective of robust PCA that [RobustPCA] makes,
//
//	f(M) = min_{S ∈ S_γα} ½‖M + S − Data‖²
//
// It has the sparse part at a point, products with ∇f(M), and f's own second
// derivative where there is one: f is piecewise quadratic, and its gradient
// jumps where another entry becomes one of the largest. With S the minimiser at
// M, ∇f(M) = M + S − Data. An entry that S holds without being cut to Cap follows
// M, so that the second derivative is 0 there, and the identity elsewhere; with
// S frozen instead it is that of [Split.Majoriser].
//
// A gradient by [sparse.Threshold] takes two passes over the data: by columns,
// for the size that an entry must have to be among the largest of its column,
// and by rows, for the same of rows and for all else while a row is in the cache:
// 8r flops an entry and two selections; a Hessian product at the same point
// takes two more passes and 16r. Neither S nor the residual is stored. For each
// of up to eight blocks of work an evaluator holds 9 to 33 columns of the data and
// 6+r rows, whatever α is: 0.11 of data of 20,000×2,000, 0.3 of 1000×1000 or of
// 20,800×200. Listed entries cost O(|Ω|r) and, in an evaluator, 17 bytes an entry.
//
// By [sparse.Greedy] and [sparse.Exact] an evaluator holds the residual, d1·d2
// numbers, and what a [sparse.Projector] holds; the projection is made again at
// each new point, and costs what that rule says.
type Split struct {
	Objective
	parts    lr.Split
	rule     sparse.Rule
	mask     *operator.Mask // of listed entries, else nil
	observed int            // entries
	rows     []int32        // most entries of S in each row; nil when all rows are observed
	cols     []int32        // and in each column
}

// Split returns the data, the set of sparse parts, and S* where it is known.
// They must not be changed.
func (s *Split) Split() *lr.Split {
	p := s.parts
	return &p
}

// Projection returns the rule that chooses S.
func (s *Split) Projection() sparse.Rule { return s.rule }

// Observed returns how many entries of the data are observed.
func (s *Split) Observed() int { return s.observed }

// limit is the largest |S_ij|, finite, so that what an infinite residual leaves
// is infinite and not NaN.
func (s *Split) limit() float64 { return min(s.parts.Set.Filled().Cap, math.MaxFloat64) }

// mostInRow is how many nonzeros S may have in row i.
func (s *Split) mostInRow(i int) int {
	if s.rows == nil {
		return s.parts.Set.Most(s.d2)
	}
	return int(s.rows[i])
}

// mostInCol is how many it may have in column j.
func (s *Split) mostInCol(j int) int {
	if s.cols == nil {
		return s.parts.Set.Most(s.d1)
	}
	return int(s.cols[j])
}

// divider finds S at a point and works with
//
//	G = M + S − Data  and  K = D outside the entries of S that follow M, 0 there
type divider interface {
	// divide goes to M = XYᵀ and returns f there. Unless du is nil it also sets
	// du = G·Y and dv = Gᵀ·X. x and y stay as they are until the next divide.
	divide(du, dv, x, y *mat.Dense) float64
	// along makes K of D = XYᵀ; x and y stay as they are while it is used.
	along(x, y *mat.Dense)
	// times sets du = c·du + G·z and dv = c·dv + Gᵀ·w, or K for G; one of du
	// and dv may be nil. A c of 0 ignores what they held.
	times(du, dv *mat.Dense, c float64, z, w *mat.Dense, k bool)
	// sparse returns S in memory of its own.
	sparse() *lr.Sparse
	// overfull goes to M = XYᵀ as far as it needs, after which only divide may be
	// called, and returns the share of lines with too little room; low is what no
	// gross error is below.
	overfull(x, y *mat.Dense, low float64) float64
}

// NewEval returns a workspace; see [Split] for its size.
func (s *Split) NewEval() lr.Evaluator {
	e := &splitEval{p: s, at: lr.NewPoint(s)}
	if s.symmetric {
		e.other = mat.NewDense(s.d1, s.rank, nil)
	}
	if s.mask != nil {
		e.of = newListed(s)
	} else {
		e.of = newStream(s)
	}
	return e
}

// splitEval remembers where S is.
type splitEval struct {
	p     *Split
	of    divider
	at    *lr.Factors // where S is, when fresh
	value float64
	fresh bool

	other       *mat.Dense  // Gᵀ·U of a symmetric problem
	zero        *lr.Factors // M = 0, made when first needed
	left, right *mat.Dense  // [dU, U] and [V, dV], the same
}

// visit brings S to x and returns the value; unless dst is nil it also sets the
// gradient, in the same passes.
func (e *splitEval) visit(dst, x *lr.Factors) float64 {
	var du, dv *mat.Dense
	if dst != nil {
		du, dv = e.halves(dst)
	}
	switch {
	case !e.fresh || !e.at.Equal(x):
		e.fresh = false // until all of it is there
		e.at.CopyFrom(x)
		e.value = e.of.divide(du, dv, e.at.U, e.at.Right())
		e.fresh = true
	case dst != nil:
		e.of.times(du, dv, 0, e.at.Right(), e.at.U, false)
	}
	if dst != nil {
		e.join(dst)
	}
	return e.value
}

// halves are where G·V and Gᵀ·U go.
func (e *splitEval) halves(dst *lr.Factors) (du, dv *mat.Dense) {
	if e.p.symmetric {
		return dst.U, e.other
	}
	return dst.U, dst.V
}

// join adds the two of a symmetric problem.
func (e *splitEval) join(dst *lr.Factors) {
	if e.p.symmetric {
		addScaled(dst.U, 1, e.other)
	}
}

func (e *splitEval) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.p, x)
	if dst != nil {
		checkShape(e.p, dst)
	}
	return e.visit(dst, x)
}

// HessVec uses that D = dU·Vᵀ + U·dVᵀ = [dU, U][V, dV]ᵀ.
func (e *splitEval) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.p, x)
	checkShape(e.p, d)
	checkShape(e.p, dst)
	if e.left == nil {
		e.left, e.right = mat.NewDense(e.p.d1, 2*e.p.rank, nil), mat.NewDense(e.p.d2, 2*e.p.rank, nil)
	}
	e.visit(nil, x)
	pair(e.left, d.U, x.U)
	pair(e.right, x.Right(), d.Right())
	e.of.along(e.left, e.right)
	du, dv := e.halves(dst)
	e.of.times(du, dv, 0, x.Right(), x.U, true)
	e.of.times(du, dv, 1, d.Right(), d.U, false)
	e.join(dst)
}

// MulGrad applies ∇f(M) = M + S − Data.
func (e *splitEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	if x == nil {
		if e.zero == nil {
			e.zero = lr.NewPoint(e.p)
		}
		x = e.zero
	}
	checkShape(e.p, x)
	d1, d2, _ := e.p.Dims()
	if trans {
		d1, d2 = d2, d1
	}
	if r, k := dst.Dims(); r != d1 || z.RawMatrix().Rows != d2 || z.RawMatrix().Cols != k {
		panic(fmt.Sprintf("problem: MulGrad: dst is %d×%d and z %d×%d; %d×k and %d×k are wanted", r, k, z.RawMatrix().Rows, z.RawMatrix().Cols, d1, d2))
	}
	e.visit(nil, x)
	if trans {
		e.of.times(nil, dst, 0, nil, z, false)
		return
	}
	e.of.times(dst, nil, 0, z, nil, false)
}

// SparsePart returns the minimiser S at x by the problem's rule, in memory of
// its own.
func (e *splitEval) SparsePart(x *lr.Factors) *lr.Sparse {
	checkShape(e.p, x)
	e.visit(nil, x)
	return e.of.sparse()
}

// Overfull returns the share of rows and columns that hold more gross errors at
// x than S may have there: with the ⌊γα·n⌋ largest residuals of the line taken
// away, the largest of what is left is above 1.5 times what the largest of as
// many normal numbers with the same median magnitude comes to, and above 1e-4
// times the root mean square of M. It looks at residuals, not at S, since an
// entry may be left out of S for the sake of its other line.
//
// Of a matrix it looks at no more than 512 rows and 512 columns, at equal
// distances, once each.
func (e *splitEval) Overfull(x *lr.Factors) float64 {
	checkShape(e.p, x)
	e.fresh = false
	e.at.CopyFrom(x)
	size := linalg.ProductNorm(x.U, x.Right()) / math.Sqrt(float64(e.p.d1)*float64(e.p.d2))
	return e.of.overfull(e.at.U, e.at.Right(), gross*size)
}

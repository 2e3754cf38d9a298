package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// NewEval returns a workspace: those of the parts, a d1×r matrix for the share
// of a part in the gradient of U, and as many numbers for products with ∇f.
func (s *blocks) NewEval() lr.Evaluator {
	e := &blocksEval{
		p: s, ofU: mat.NewDense(s.d1, s.r, nil),
		x: newRows(), d: newRows(), dst: newRows(),
		hess: true, mulGrad: true, batches: true, sparse: true,
	}
	for _, p := range s.parts {
		a := ableOf(p)
		e.parts = append(e.parts, a)
		e.hess = e.hess && a.hess != nil
		e.mulGrad = e.mulGrad && a.mulGrad != nil
		e.batches = e.batches && a.batches != nil && !hasRegulariser(p)
		e.sparse = e.sparse && a.sparse != nil
	}
	if e.batches {
		e.drawn = make([][]int, len(s.parts))
		for _, a := range e.parts {
			e.first = append(e.first, e.terms)
			e.terms += a.batches.Terms()
		}
		e.first = append(e.first, e.terms)
	}
	return e
}

// hasRegulariser reports whether the gradient of a batch of p may have a share
// that is not its terms'.
func hasRegulariser(p lr.Problem) bool {
	if s, ok := p.(*Stacked); ok {
		for _, part := range s.parts {
			if hasRegulariser(part) {
				return true
			}
		}
		return false
	}
	_, ok := p.(interface{ Unregularised() lr.Problem })
	return ok
}

// blocksEval calls one part after the other: each is parallel inside, and the
// order of the sum is fixed.
type blocksEval struct {
	p     *blocks
	parts []able
	ofU   *mat.Dense // the share of a part in what belongs to U

	x, d, dst *lr.Factors // of the part: V is a view, U the whole or ofU
	thin      *mat.Dense  // the share of a part in a product with ∇f

	hess, mulGrad, batches, sparse bool

	terms int
	first []int   // terms first[j] … first[j+1]−1 are those of part j
	drawn [][]int // those drawn, counted within their part
}

// Has reports what all parts can do.
func (e *blocksEval) Has(a lr.Ability) bool {
	switch a {
	case lr.AbilityHessVec:
		return e.hess
	case lr.AbilityMulGrad:
		return e.mulGrad
	case lr.AbilityBatches:
		return e.batches
	case lr.AbilitySparsePart:
		return e.sparse
	}
	return false
}

// at makes part see the factors that part j has of x.
func (e *blocksEval) at(part *lr.Factors, j int, x *lr.Factors) *lr.Factors {
	part.U = x.U
	rows(part.V, x.V, e.p.from[j], e.p.from[j+1])
	return part
}

// into makes dst of part j: V in place, U beside.
func (e *blocksEval) into(j int, dst *lr.Factors) *lr.Factors {
	e.at(e.dst, j, dst)
	e.dst.U = e.ofU
	return e.dst
}

// collect adds the share of part j to what belongs to U.
func (e *blocksEval) collect(j int, dst *lr.Factors) {
	if j == 0 {
		dst.U.Zero()
	}
	addScaled(dst.U, 1, e.ofU)
}

func (e *blocksEval) Grad(dst, x *lr.Factors) float64 {
	checkShape(e.p, x)
	if dst != nil {
		checkShape(e.p, dst)
	}
	var s float64
	for j, part := range e.parts {
		at := e.at(e.x, j, x)
		if dst == nil {
			s += part.of.Grad(nil, at)
			continue
		}
		s += part.of.Grad(e.into(j, dst), at)
		e.collect(j, dst)
	}
	return s
}

func (e *blocksEval) HessVec(dst, x, d *lr.Factors) {
	checkShape(e.p, x)
	checkShape(e.p, d)
	checkShape(e.p, dst)
	for j, part := range e.parts {
		part.hess.HessVec(e.into(j, dst), e.at(e.x, j, x), e.at(e.d, j, d))
		e.collect(j, dst)
	}
}

// MulGrad is Σⱼ ∇fⱼ·zⱼ, or [∇f1ᵀ·z; …; ∇fJᵀ·z] when trans.
func (e *blocksEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	e.checkMul(dst, trans, z)
	if x != nil {
		checkShape(e.p, x)
	}
	if _, k := dst.Dims(); !trans && (e.thin == nil || e.thin.RawMatrix().Cols != k) {
		e.thin = mat.NewDense(e.p.d1, k, nil)
	}
	for j := range e.parts {
		var at *lr.Factors
		if x != nil {
			at = e.at(e.x, j, x)
		}
		e.mulPart(j, dst, trans, at, z)
	}
}

func (e *blocksEval) mulPart(j int, dst *mat.Dense, trans bool, at *lr.Factors, z *mat.Dense) {
	block, part := e.d.V, e.parts[j].mulGrad
	if trans {
		rows(block, dst, e.p.from[j], e.p.from[j+1])
		part.MulGrad(block, true, at, z)
		return
	}
	rows(block, z, e.p.from[j], e.p.from[j+1])
	part.MulGrad(e.thin, false, at, block)
	if j == 0 {
		dst.Zero()
	}
	addScaled(dst, 1, e.thin)
}

func (e *blocksEval) checkMul(dst *mat.Dense, trans bool, z *mat.Dense) {
	d1, d2, _ := e.p.Dims()
	if trans {
		d1, d2 = d2, d1
	}
	r, k := dst.Dims()
	if zr, zk := z.Dims(); r != d1 || zr != d2 || zk != k {
		panic(fmt.Sprintf("problem: dst is %d×%d and z %d×%d, want %d×k and %d×k", r, k, zr, zk, d1, d2))
	}
}

// SparsePart is [S1, …, SJ].
func (e *blocksEval) SparsePart(x *lr.Factors) *lr.Sparse {
	checkShape(e.p, x)
	parts := make([]*lr.Sparse, len(e.parts))
	for j, part := range e.parts {
		parts[j] = part.sparse.SparsePart(e.at(e.x, j, x))
	}
	out := &lr.Sparse{D1: e.p.d1, D2: e.p.d2, RowFrom: make([]int, e.p.d1+1)}
	for i := range e.p.d1 {
		for j, part := range parts {
			cols, values := part.Row(i)
			for k, c := range cols {
				out.Col, out.Value = append(out.Col, c+int32(e.p.from[j])), append(out.Value, values[k])
			}
		}
		out.RowFrom[i+1] = len(out.Col)
	}
	return out
}

// Overfull is the share of all parts' rows and columns.
func (e *blocksEval) Overfull(x *lr.Factors) float64 {
	checkShape(e.p, x)
	var over, lines float64
	for j, part := range e.parts {
		n := float64(e.p.d1 + e.p.from[j+1] - e.p.from[j])
		over += float64(n * part.sparse.Overfull(e.at(e.x, j, x)))
		lines += n
	}
	return over / lines
}

func (e *blocksEval) Terms() int { return e.terms }

// GradBatch: a part scales its own draw by nⱼ/|its terms|; the whole wants
// n/|terms|.
func (e *blocksEval) GradBatch(dst, x *lr.Factors, terms []int) {
	checkShape(e.p, x)
	checkShape(e.p, dst)
	checkTerms(e.terms, terms)
	e.sort(terms)
	dst.U.Zero()
	for j, part := range e.parts {
		out := e.into(j, dst)
		mine := e.drawn[j]
		if len(mine) == 0 {
			out.V.Zero()
			continue
		}
		part.batches.GradBatch(out, e.at(e.x, j, x), mine)
		count := float64(e.first[j+1] - e.first[j])
		c := float64(e.terms) / float64(len(terms)) * float64(len(mine)) / count
		scaleBy(out.V, c)
		addScaled(dst.U, c, e.ofU)
	}
}

// sort hands each term to its part, in the order drawn.
func (e *blocksEval) sort(terms []int) {
	for j := range e.drawn {
		if cap(e.drawn[j]) < len(terms) {
			e.drawn[j] = make([]int, 0, len(terms))
		}
		e.drawn[j] = e.drawn[j][:0]
	}
	for _, i := range terms {
		lo, hi := 0, len(e.parts)-1 // the part whose terms hold i
		for lo < hi {
			if mid := (lo + hi + 1) / 2; e.first[mid] <= i {
				lo = mid
			} else {
				hi = mid - 1
			}
		}
		e.drawn[lo] = append(e.drawn[lo], i-e.first[lo])
	}
}

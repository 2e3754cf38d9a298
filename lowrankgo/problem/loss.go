package problem

import (
	"fmt"
	"math"
	"sort"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
	"gonum.org/v1/gonum/mat"
)

// MeasurementLoss is a sum of losses of the measurements,
//
//	f(M) = Σᵢ φᵢ(𝒜(M)ᵢ)
//
// for any map 𝒜 and any smooth φᵢ: the general f of [L](II.2) whose Hessian is
// diagonal in the measurements. With a mask the losses are those of entries.
// [OneBit], [Poisson] and [Huber] are losses that are there already.
//
// A gradient costs one Apply, m calls of Phi, one Adjoint and two Mul; a
// Hessian product at the same point, as many again and two more Mul. An
// evaluator stores 2m numbers, and 2m more from the first Hessian product on.
type MeasurementLoss struct {
	Name     string      // printed; default "MeasurementLoss"
	Operator lr.Operator // 𝒜
	// Phi returns φᵢ(t), φᵢ′(t) and φᵢ″(t) of measurement i, counted from 0. It
	// is called by one goroutine of each evaluator, in any order.
	Phi func(i int, t float64) (value, slope, curvature float64)
	// Convex says that every φᵢ is convex, and so f: it is believed. Default: not
	// known, which only costs what needs it, such as the gap of a certificate.
	Convex    bool
	Rank      int         // columns of the factors
	Symmetric bool        // M = UUᵀ; the operator must be square
	Truth     *lr.Factors // M* where it is known, of any rank; copied
}

// New checks the parts and returns the problem. A missing operator or Phi, and
// shapes that do not fit, are errors.
func (l MeasurementLoss) New() (*Objective, error) {
	if l.Name == "" {
		l.Name = "MeasurementLoss"
	}
	if err := lr.CheckOperator(l.Operator); err != nil {
		return nil, fmt.Errorf("problem: %s: %w", l.Name, err)
	}
	if l.Phi == nil {
		return nil, fmt.Errorf("problem: %s has no Phi; a function that returns value, slope and curvature of each measurement's loss is wanted: %w", l.Name, lr.ErrEmpty)
	}
	o, err := newLoss(l.Name, l.Operator, l.Phi, false, l.Rank, 1, l.Symmetric, l.Truth)
	if err != nil {
		return nil, err
	}
	o.convex = l.Convex
	return o, nil
}

// phi is a loss of measurement i.
type phi func(i int, t float64) (value, slope, curvature float64)

// newLoss makes the problem, of convex losses; the operator has been checked. A
// threaded f is called by many goroutines at once.
func newLoss(name string, op lr.Operator, f phi, threaded bool, rank int, weight float64, symmetric bool, truth *lr.Factors) (*Objective, error) {
	d1, d2, _ := op.Dims()
	o, err := newObjective(name, op, d1, d2, rank, weight, symmetric, truth)
	if err != nil {
		return nil, err
	}
	o.convex = true
	o.newSmooth = func() smooth { return newLosses(op, f, threaded) }
	return o, nil
}

// losses is Σ φᵢ(𝒜(M)ᵢ). G is 𝒜*(φ′), K is 𝒜*(φ″ ∘ 𝒜(D)).
type losses struct {
	op       lr.Operator
	f        phi
	threaded bool
	part     []float64 // values of blocks of measurements

	here     lr.OperatorEval // holds G
	t, slope []float64       // 𝒜(M) and φ′ there
	slopes   pass

	there      lr.OperatorEval // holds K; made when first needed
	dir, curve []float64       // φ″ ∘ 𝒜(D) and φ″
	curved     bool            // curve belongs to t
	curves     pass

	taker
}

// lossBlock is how many measurements one goroutine does at a time.
const lossBlock = 4096

func newLosses(op lr.Operator, f phi, threaded bool) *losses {
	_, _, m := op.Dims()
	l := &losses{
		op: op, f: f, threaded: threaded, here: op.NewEval(),
		t: make([]float64, m), slope: make([]float64, m),
		part: make([]float64, (m+lossBlock-1)/lossBlock),
	}
	l.slopes, l.curves = newPass(l.slopesOf), newPass(l.curvesOf)
	l.taker = newTaker(op, l.here)
	return l
}

// pass is a loop over blocks of measurements.
type pass struct {
	body func(block int)
	loop *par.Loop
}

func newPass(body func(block int)) pass { return pass{body, par.New(body)} }

// run goes over all blocks, on all threads or in order on this one.
func (p pass) run(blocks int, threaded bool) {
	if threaded {
		p.loop.Run(blocks)
		return
	}
	for k := range blocks {
		p.body(k)
	}
}

func (l *losses) bounds(block int) (lo, hi int) {
	return block * lossBlock, min((block+1)*lossBlock, len(l.t))
}

// slopesOf sets slope and the value of a block.
func (l *losses) slopesOf(block int) {
	lo, hi := l.bounds(block)
	var sum float64
	for i := lo; i < hi; i++ {
		value, slope, _ := l.f(i, l.t[i])
		sum += value
		l.slope[i] = slope
	}
	l.part[block] = sum
}

// value leaves G without its w, which Adjoint may have kept: it is spoilt.
func (l *losses) value(x, y *mat.Dense) float64 {
	l.here.Apply(l.t, x, y, nil)
	l.curved = false
	l.slopes.run(len(l.part), l.threaded)
	var sum float64
	for _, v := range l.part {
		sum += v
	}
	return sum
}

func (l *losses) visit(x, y *mat.Dense) float64 {
	v := l.value(x, y)
	l.here.Adjoint(l.slope)
	return v
}

func (l *losses) mulGrad(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	l.here.Mul(dst, c, trans, z)
}

func (l *losses) along(x, y *mat.Dense) {
	if l.there == nil {
		l.there = l.op.NewEval()
		l.dir, l.curve = make([]float64, len(l.t)), make([]float64, len(l.t))
	}
	if !l.curved {
		l.curves.run(len(l.part), l.threaded)
		l.curved = true
	}
	l.there.Apply(l.dir, x, y, nil)
	for i, h := range l.curve {
		l.dir[i] *= h
	}
	l.there.Adjoint(l.dir)
}

func (l *losses) curvesOf(block int) {
	lo, hi := l.bounds(block)
	for i := lo; i < hi; i++ {
		_, _, l.curve[i] = l.f(i, l.t[i])
	}
}

func (l *losses) mulHess(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	l.there.Mul(dst, c, trans, z)
}

func (l *losses) terms() int {
	if !l.able() {
		return 0
	}
	return len(l.t)
}

func (l *losses) addTerms(du, dv, x, y *mat.Dense, terms []int, c float64) {
	for _, i := range terms {
		t := l.take(i, x, y)
		_, slope, _ := l.f(i, t)
		l.put(i, du, dv, x, y, c*slope)
	}
}

// taker takes single measurements: entries of a mask directly, others by an
// operator that can.
type taker struct {
	m       int
	pattern *lr.Pattern
	one     lr.TermsEval
	term    [1]int
	unit    []float64  // a b for which every s of AddTerms is 1
	ay, atx *mat.Dense // Aᵢ·Y and Aᵢᵀ·X
}

func newTaker(op lr.Operator, e lr.OperatorEval) taker {
	_, _, m := op.Dims()
	pattern, _ := lr.PatternOf(op)
	one, _ := e.(lr.TermsEval)
	return taker{m: m, pattern: pattern, one: one}
}

func (t *taker) able() bool { return t.pattern != nil || t.one != nil }

// huge and its inverse make sᵢ = (⟨Aᵢ, XYᵀ⟩ + huge)/huge, which is 1 exactly
// for every measurement below 2⁵⁴⁶: so AddTerms gives Aᵢ·Y and Aᵢᵀ·X.
var huge = math.Ldexp(1, 600)

// take returns ⟨Aᵢ, XYᵀ⟩.
func (t *taker) take(i int, x, y *mat.Dense) float64 {
	if t.pattern != nil {
		row, col := t.at(i)
		return inner(x.RawRowView(row), y.RawRowView(col))
	}
	t.prepare(x, y)
	t.ay.Zero()
	t.atx.Zero()
	t.term[0] = i
	t.one.AddTerms(t.ay, t.atx, x, y, t.unit, t.term[:], 1/huge)
	var s float64
	for k := range x.RawMatrix().Rows {
		s += inner(x.RawRowView(k), t.ay.RawRowView(k))
	}
	return s
}

// put adds s·Aᵢ·Y and s·Aᵢᵀ·X for the i that was taken last.
func (t *taker) put(i int, du, dv, x, y *mat.Dense, s float64) {
	if t.pattern != nil {
		row, col := t.at(i)
		addRow(du.RawRowView(row), s, y.RawRowView(col))
		addRow(dv.RawRowView(col), s, x.RawRowView(row))
		return
	}
	for k := range x.RawMatrix().Rows {
		addRow(du.RawRowView(k), s, t.ay.RawRowView(k))
	}
	for k := range y.RawMatrix().Rows {
		addRow(dv.RawRowView(k), s, t.atx.RawRowView(k))
	}
}

// at finds the place of entry i in the mask.
func (t *taker) at(i int) (row, col int) {
	from := t.pattern.RowFrom
	row = sort.Search(len(from)-2, func(k int) bool { return int(from[k+1]) > i })
	return row, int(t.pattern.Col[i])
}

// prepare makes the workspace of take once.
func (t *taker) prepare(x, y *mat.Dense) {
	if t.ay != nil {
		return
	}
	d1, k := x.Dims()
	d2, _ := y.Dims()
	t.ay, t.atx, t.unit = mat.NewDense(d1, k, nil), mat.NewDense(d2, k, nil), make([]float64, t.m)
	for i := range t.unit {
		t.unit[i] = -huge
	}
}

func addRow(dst []float64, c float64, x []float64) {
	for k, v := range x {
		dst[k] += float64(c * v)
	}
}

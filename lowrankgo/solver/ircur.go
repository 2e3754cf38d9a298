package solver

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/tiles"
)

// IRCUR is robust PCA from few rows and columns of the data, without ever
// reading the rest (Cai, Hamm, Huang, Li, Wang 2021, "Rapid robust principal
// component analysis: CUR accelerated inexact low rank estimation",
// arXiv:2010.07422, algorithm 1). A step has rows I and columns J of the data D
// and the low-rank matrix L = UVᵀ so far. There it takes for gross errors what
// is far from L, and fits the rest by a CUR decomposition:
//
//	S(I,:), S(:,J)  =  D − L where |D − L| > ζ, 0 elsewhere
//	R = D(I,:) − S(I,:),   C = D(:,J) − S(:,J),   W = R(:,J)
//	L = C·W⁺·R = (C·Q·Σ^−½)(Rᵀ·P·Σ^−½)ᵀ    for the r largest PΣQᵀ of W
//	ζ ← Decay·ζ
//
// with |I| = ⌈Samples·r·ln d1⌉ and |J| = ⌈Samples·r·ln d2⌉. All of L is known
// from its factors. A step costs 12r·(|I|·d2 + |J|·d1) flops and reads |I|
// rows and |J| columns, n·log n entries of an n×n matrix; what is done with
// W is of the order of r·|I|·|J|. So a step costs n·log n·r² in n and r where
// other methods take n²·r. It keeps 8(|I|·d2 + |J|·d1) bytes.
//
// The rows and columns must be enough to tell errors from L in each of them:
// it bears somewhat fewer gross errors than [AccAltProj], which reads all.
//
// The threshold has a floor that the paper does not have. No more than the
// share γα of the entries read, the budget of the problem's
// lowrankgo.SparseSet, may be in S; sampling may exceed it by six standard
// deviations. Where ζ would put more there, the largest ζ that does not is
// taken. So noise is not taken for gross errors as ζ goes to 0, and data that
// are not low rank plus sparse end as stalled rather than with an S that holds
// all of them. The set's Cap is not used.
//
// The method reads the data of a lowrankgo.Split, a row at a time and a column
// at a time: a matrix that computes its entries is never stored. An entry that
// is missing is a gross error whose place is known, and so has the value of L
// in R and C. The first step takes for errors what is far from X0: from
// initial.Zero it is the paper's.
//
// A run knows no loss; Info.Evals counts the times that rows and columns were
// read. It ends by its residual, and as stalled once that has not fallen by 1 %
// for 20 steps. Steps allocate nothing, unless the floor was reached.
type IRCUR struct {
	Samples float64 // rows and columns, as a multiple of r·ln d; default 3
	Fixed   bool    // the same rows and columns in every step (IRCUR-F), else new ones (IRCUR-R)
	Decay   float64 // factor of ζ from step to step, between 0 and 1; default 0.65
	Zeta    float64 // ζ of the first step, in the unit of the data; default the largest |D − X0| in the rows and columns
	Seed    uint64  // of the rows and columns
}

// Name prints what is not the default.
func (m IRCUR) Name() string {
	s := "IRCUR"
	if m.Fixed {
		s = "IRCUR-F"
	}
	if m.Samples != 0 {
		s += fmt.Sprintf(", %g·r·ln d rows and columns", m.Samples)
	}
	if m.Decay != 0 {
		s += fmt.Sprintf(", decay %g", m.Decay)
	}
	if m.Zeta != 0 {
		s += fmt.Sprintf(", ζ %g", m.Zeta)
	}
	if m.Seed != 0 {
		s += fmt.Sprintf(", seed %d", m.Seed)
	}
	return s
}

func (m IRCUR) check() error {
	if err := checkNumber("IRCUR", "Samples", m.Samples, math.Inf(1)); err != nil {
		return err
	}
	if err := checkNumber("IRCUR", "Decay", m.Decay, 1); err != nil {
		return err
	}
	return checkNumber("IRCUR", "Zeta", m.Zeta, math.Inf(1))
}

// samples is how many of d rows or columns are read: at least as many as the
// rank, at most all.
func (m IRCUR) samples(d, r int) int {
	c := m.Samples
	if c == 0 {
		c = 3
	}
	return int(min(float64(d), max(float64(r), math.Ceil(c*float64(r)*math.Log(float64(d))))))
}

// Start reads the first rows and columns. A problem that is symmetric, has no
// Split or lists its entries is an error that wraps lowrankgo.ErrAbility; so
// are fields out of range, and rows and columns in which nothing is observed or
// an entry is infinite, with errors of their own.
func (m IRCUR) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	split, err := splitOf("IRCUR", p)
	if err != nil {
		return nil, err
	}
	d1, d2, r := p.Dims()
	s := &ircurState{
		x: x0.Clone(), next: x0.Clone(), fixed: m.Fixed, decay: m.Decay, zeta: m.Zeta, fall: newFall(),
		source: lr.StreamSource(m.Seed, "ircur"),
		cross:  newCross(split, r, m.samples(d1, r), m.samples(d2, r)),
	}
	if s.decay == 0 {
		s.decay = 0.65
	}
	s.rng = rand.New(s.source)
	s.top = newTopSVD(len(s.rows), len(s.cols), r)
	s.draw()
	largest, err := s.begin(s.x)
	if err != nil {
		return nil, err
	}
	if s.zeta == 0 {
		s.zeta = largest
	}
	return s, s.read()
}

type ircurState struct {
	*cross
	x, next  *lr.Factors
	top      *topSVD
	fixed    bool
	decay    float64
	zeta     float64 // the threshold at x
	residual float64 // at x
	fall     fall
	reads    int
	source   *rand.ChaCha8
	rng      *rand.Rand // from source

	steps int // taken so far
	known int // the step whose rows and columns are in memory
}

func (s *ircurState) Point() *lr.Factors { return s.x }

// Residual is an estimate: it is that of the rows and columns that the next
// step will use.
func (s *ircurState) Residual() float64 { return s.residual }

// SparsePart reads all data.
func (s *ircurState) SparsePart() *lr.Sparse { return outliers(s.data, s.x, s.zeta) }

func (s *ircurState) Info() lr.Info { return hushed(s.zeta, s.reads) }

// State lists what the next step depends on. What was read is read again.
func (s *ircurState) State() []any {
	return append(s.fall.saved(), s.x, s.rows, s.cols, &s.zeta, &s.residual, &s.reads, &s.steps, s.source)
}

// Step fits the rows and columns that have been read, then reads those of the
// next step. It returns ErrNoProgress when the residual is 0 or does not fall
// any more.
func (s *ircurState) Step(ctx context.Context) error {
	switch {
	case s.residual == 0 || s.fall.idle >= waitForFall:
		return lr.ErrNoProgress
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if s.known != s.steps { // resumed
		s.sift(s.x, s.zeta)
		s.known = s.steps
	}
	s.fit()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.x, s.next = s.next, s.x
	s.steps++
	s.zeta *= s.decay
	s.draw()
	return s.read()
}

// draw chooses rows and columns, in ascending order.
func (s *ircurState) draw() {
	if s.fixed && s.steps > 0 {
		return
	}
	choose(s.rows, s.d1, s.rng)
	choose(s.cols, s.d2, s.rng)
}

// choose sets out to distinct numbers below n in ascending order, each set of
// as many equally likely (Knuth, The Art of Computer Programming 2, §3.4.2,
// algorithm S).
func choose(out []int, n int, rng *rand.Rand) {
	got := 0
	for i := 0; got < len(out); i++ {
		if rng.IntN(n-i) < len(out)-got {
			out[got] = i
			got++
		}
	}
}

// read splits the rows and columns at x, with a threshold that leaves S within
// its budget.
func (s *ircurState) read() error {
	t := s.sift(s.x, s.zeta)
	if most := s.budget(t.observed); t.observed-t.kept > most {
		s.zeta = tiles.Largest(s.distances(s.x), most+1)
		t = s.sift(s.x, s.zeta)
	}
	if !finite(t.norm) {
		return fmt.Errorf("solver: IRCUR read rows and columns whose squares do not sum to a finite number; data below 1e140 in size are wanted, missing entries as NaN: %w", lr.ErrValue)
	}
	s.reads++
	s.known, s.residual = s.steps, t.residual()
	s.fall.see(s.residual, s.zeta)
	return nil
}

// fit sets next to the CUR decomposition of what was read.
func (s *ircurState) fit() {
	for i := range s.rows {
		w, row := s.top.row(i), s.r[i*s.d2:(i+1)*s.d2]
		for k, j := range s.cols {
			w[k] = row[j]
		}
	}
	s.top.factorise(s.rng)
	s.combine(s.next, s.top)
}

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
// with |I| = ⌈Samples·r·ln d1⌉ and |J| = ⌈Samples·r·ln d2⌉, where a rank below 4
// counts as 4, since fewer entries cannot tell which are wrong. A step reads |I|
// rows and |J| columns, of the order of n·ln n entries of an n×n matrix, and
// takes about 6r flops for each of them; what is done with W is of the order of
// r·|I|·|J|. So it costs n·ln n·r² in n and r, where other methods take n²·r.
// It keeps 8(|I|·d2 + |J|·d1) bytes, and twice that when Fixed.
//
// Two floors of the threshold, which the paper does not have, keep ζ from
// going to 0 before L is found: every matrix is low rank plus an S that holds
// all of it.
//
// No more than the share γα of the entries read, which is the budget of the
// problem's lowrankgo.SparseSet, may be in S; sampling may exceed it by six
// standard deviations. Where ζ would put more there, the least that does not is
// taken. So noise is not taken for gross errors, and data that are not low rank
// plus sparse end as stalled.
//
// Likewise no more than that share and four standard deviations of a line: what
// J has of a row, or I of a column. A row of U rests on what few columns have in
// that row. Where L is wrong there, all of the line is far from it; without the
// floor all of it would be in S, and the row would stay as it is. With the
// paper's decay of 0.65 such rows come up, mostly at low ranks, where the rows
// and columns are few; with 0.75 they hardly do from rank 3 on. At rank 2 and
// many errors no larger than L it may take 0.85; at rank 1 such runs stall all
// the same, and AccAltProj is the better method. The set's Cap is not used.
//
// The method reads the data of a lowrankgo.Split, a row at a time and a column
// at a time: a matrix that computes its entries is never stored. An entry that
// is missing is a gross error whose place is known, and so has the value of L
// in R and C. The first step takes for errors what is far from X0; the paper
// starts from initial.Zero.
//
// A run knows no loss; Info.Evals counts the times that rows and columns were
// read, and Info.Step is ζ. It ends by its residual, which is an estimate from
// the rows and columns that were read last, and as stalled once that has not
// fallen by 1 % for 15 steps. Steps allocate nothing.
type IRCUR struct {
	Samples float64 // rows and columns, as a multiple of r·ln d; default 3, and 8 when Fixed
	Fixed   bool    // the same rows and columns in every step (IRCUR-F); default new ones (IRCUR-R)
	Decay   float64 // factor of ζ from step to step, between 0 and 1; default 0.75
	Zeta    float64 // first ζ, in the unit of the data; default 6 times the median |D − X0| of what was read, more where more than the budget is above, at most the largest
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

// lowRank is what lower ranks count as when rows and columns are chosen.
const lowRank = 4

// samples is how many of d rows or columns are read: at least as many as the
// rank, at most all.
func (m IRCUR) samples(d, r int) int {
	c := m.Samples
	switch {
	case c == 0 && m.Fixed:
		c = 8
	case c == 0:
		c = 3
	}
	n := math.Ceil(c * float64(max(r, lowRank)) * math.Log(float64(d)))
	return int(min(float64(d), max(float64(r), n)))
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
		s.decay = 0.75
	}
	s.rng = rand.New(s.source)
	s.top = newTopSVD(len(s.rows), len(s.cols), r)
	s.draw()
	if m.Fixed {
		s.down.keep()
		s.across.keep()
	}
	zeta, err := s.begin(s.x)
	if err != nil {
		return nil, err
	}
	if s.zeta == 0 {
		s.zeta = zeta
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
	choose(s.rows, s.down.d, s.rng)
	choose(s.cols, s.across.d, s.rng)
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
	if most := s.budget(t.observed); t.observed-t.near > most {
		s.zeta = tiles.Largest(s.distances(s.x), most+1)
		t = s.sift(s.x, s.zeta)
	}
	if !finite(t.norm) {
		return fmt.Errorf("solver: IRCUR read rows and columns whose squares do not sum to a finite number; data below 1e140 in size are wanted, missing entries as NaN: %w", lr.ErrValue)
	}
	s.reads++
	s.known, s.residual = s.steps, t.residual()
	s.fall.see(s.residual, math.Inf(1))
	return nil
}

// fit sets next to the CUR decomposition of what was read.
func (s *ircurState) fit() {
	for i := range s.rows {
		w := s.top.row(i)
		for k, j := range s.cols {
			w[k] = s.across.c[j*len(s.rows)+i]
		}
	}
	s.top.factorise(s.rng)
	s.combine(s.next, s.top)
}

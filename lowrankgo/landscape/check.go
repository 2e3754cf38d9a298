package landscape

import (
	"fmt"
	"math"
	"strings"
)

// Answer is yes, no, or that the numbers do not say.
type Answer int

const (
	Unknown Answer = iota // the numbers do not decide
	Yes
	No
)

func (a Answer) String() string {
	switch a {
	case Yes:
		return "yes"
	case No:
		return "no"
	}
	return "unknown"
}

// answer is Yes or No.
func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Hypothesis is one assumption of an item, and whether the instance meets it.
type Hypothesis struct {
	Name  string // such as "δ ≤ 1/10"
	Holds Answer
	Value float64 // what was found, such as δ; NaN when there is no number
}

func (h Hypothesis) String() string {
	if math.IsNaN(h.Value) {
		return fmt.Sprintf("%s: %v", h.Name, h.Holds)
	}
	return fmt.Sprintf("%s: %v (%.4g)", h.Name, h.Holds, h.Value)
}

// Relation says how the two sides of a check compare.
type Relation int

const (
	Equal  Relation = iota // Left = Right
	AtMost                 // Left ≤ Right
)

func (r Relation) String() string {
	if r == AtMost {
		return "≤"
	}
	return "="
}

// Check is an identity or an inequality of the papers, evaluated at an
// instance: the two sides as numbers, and which hypotheses the instance meets.
// An inequality is only claimed where they all hold.
type Check struct {
	Item        string // such as "[G] Lemma 6"
	Claim       string // the statement, such as "‖ΔΔᵀ‖² ≤ 2‖M − M*‖²"
	Left, Right float64
	Relation    Relation
	// Scale is the sum of the sizes of what was added on both sides, against
	// which rounding is judged.
	Scale      float64
	Hypotheses []Hypothesis
}

// Residual is how far the check fails, as a part of Scale: |Left − Right| of an
// identity, max(0, Left − Right) of an inequality. A Scale of 0 gives 0 when
// the two sides are as claimed. A side that is NaN gives NaN.
func (c Check) Residual() float64 {
	gap := c.Left - c.Right
	if c.Relation == AtMost {
		gap = math.Max(0, gap)
	}
	gap = math.Abs(gap)
	if gap == 0 {
		return 0
	}
	return gap / c.Scale
}

// Holds reports whether the residual is at most tol, which rounding alone makes
// about 1e-13 times the number of rows. It is false for NaN.
func (c Check) Holds(tol float64) bool { return c.Residual() <= tol }

// Applies says whether the instance meets all hypotheses: No when one fails,
// else Unknown when one is unknown.
func (c Check) Applies() Answer {
	all := Yes
	for _, h := range c.Hypotheses {
		switch h.Holds {
		case No:
			return No
		case Unknown:
			all = Unknown
		}
	}
	return all
}

func (c Check) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n  %.10g %v %.10g, residual %.2g", c.Item, c.Claim, c.Left, c.Relation, c.Right, c.Residual())
	for _, h := range c.Hypotheses {
		fmt.Fprintf(&b, "\n  %v", h)
	}
	return b.String()
}

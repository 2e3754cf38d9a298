package theory

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
)

// Item is one numbered item of a paper, or a remark worth a number.
type Item struct {
	Name      string // such as "[G] Lemma 6"; unique
	Statement string // in Unicode, one line
	// Functions that evaluate it, as "landscape.Align" or "problem.Lift".
	Functions []string
	// Tests of those functions, as "landscape.TestAlignVectors".
	Tests      []string
	Hypotheses string // under which it holds; empty when it always does
	// Measure evaluates the item on an ensemble: the same Effort, the same
	// numbers. It ends early, with ctx's error, when ctx does.
	Measure func(ctx context.Context, e Effort) (Measurement, error)
}

// Effort says how large an ensemble is.
type Effort struct {
	Seed  uint64
	Quick bool // a tenth of the instances or fewer
}

// Measurement is what an ensemble of instances showed. Fields that do not
// apply are NaN or nil.
type Measurement struct {
	Instances  int
	Residual   float64 // of an identity or a closed form: the largest relative residual
	Violations int     // of an inequality, beyond rounding
	Closest    float64 // of an inequality: the largest Left/Right seen, 1 when attained
	Proportion *landscape.Proportion
	Constant   *Constant
	Met        string // how many instances met which hypotheses
	Note       string // what else a reader should know, one line
}

// Constant is a constant that a paper leaves open, as found on the ensemble. It
// is empirical: nothing is claimed of other instances.
type Constant struct {
	Name      string // such as "‖Δ‖F/(ε√κ*)"
	Value     float64
	Low, High float64 // range over the ensemble
}

// Items returns the list in the order of the papers.
func Items() []Item {
	items := slices.Concat(
		objectivesOfG(),
		certificateItems(),
		geometryItems(),
		sensingItems(),
		completionItems(),
		factorisationItems(),
		robustItems(),
		liftItems(),
		objectivesOfL(),
		unregularisedItems(),
		distributedItems(),
		recoveryItems(),
		figureItems(),
		remarkItems(),
	)
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(place(a.Name), place(b.Name)) })
	return items
}

// numberOf finds the number of a name as "[G] (13)", "[G] Def 4" or "[G] Lemma
// 16, isometry". [G] counts lemmas, theorems and corollaries together.
var numberOf = regexp.MustCompile(`^\[G\] (\(|Def |Thm |Cor |Lemma )(\d+)`)

// place orders the items of [G] as the paper has them: objectives, definitions,
// statements, all by their numbers, and then what has none. All others follow in
// the order in which they are listed.
func place(name string) int {
	const numbers = 1000
	found := numberOf.FindStringSubmatch(name)
	switch {
	case !strings.HasPrefix(name, "[G]"):
		return 4 * numbers
	case found == nil:
		return 3 * numbers
	}
	n, err := strconv.Atoi(found[2])
	if err != nil {
		return 3 * numbers
	}
	switch found[1] {
	case "(":
		return n
	case "Def ":
		return numbers + n
	}
	return 2*numbers + n
}

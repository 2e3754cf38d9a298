package theory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/lowrankgo/theory"
)

// item returns the item of a name.
func item(name string) theory.Item {
	items := theory.Items()
	return items[slices.IndexFunc(items, func(i theory.Item) bool { return i.Name == name })]
}

// What an item states, and where it is computed and tested.
func ExampleItems() {
	i := item("[G] (13)")
	fmt.Println(i.Statement)
	fmt.Println(i.Functions, i.Tests)
	// Output:
	// factorisation: ½‖UUᵀ − A‖², A symmetric, of any rank and sign
	// [problem.Factorisation] [problem.TestFactorisationLoops problem.TestVectors]
}

// Two items on small ensembles, several at a time, with lines in their order.
func ExampleEnsembles() {
	lines, err := theory.Ensembles{
		Items:  []theory.Item{item("[G] (13)"), item("[G] Thm 1")},
		Effort: theory.Effort{Seed: 1, Quick: true},
	}.Run(context.Background())
	for _, l := range lines {
		fmt.Println(l.Item.Name, l.Measurement.Residual < 1e-10, l.Measurement.Proportion)
	}
	fmt.Println(err)
	// Output:
	// [G] (13) true <nil>
	// [G] Thm 1 false 26 of 26 (95 % interval 0.868–1)
	// <nil>
}

// A line of the page.
func ExampleWritePage() {
	m := theory.NewMeasurement(10_000)
	m.Closest = 0.9998
	lines := []theory.Line{{Item: theory.Item{
		Name: "[G] Lemma 6", Statement: "‖ΔΔᵀ‖² ≤ 2‖M − M*‖²", Functions: []string{"landscape.DistanceBounds"}, Tests: []string{"landscape.TestDistanceBoundsHold"},
	}, Measurement: m}}
	var page strings.Builder
	err := theory.WritePage(&page, lines, theory.Origin{Command: "lowrank theory"})
	_, table, _ := strings.Cut(page.String(), "|---|---|---|---|\n")
	row, _, _ := strings.Cut(table, "\n")
	fmt.Println(row)
	fmt.Println(err)
	// Output:
	// | **\[G\] Lemma 6**<br>‖ΔΔᵀ‖² ≤ 2‖M − M\*‖² | [landscape.DistanceBounds](https://pkg.go.dev/github.com/lowrankgo/lowrank/lowrankgo/landscape#DistanceBounds)<br>`landscape.TestDistanceBoundsHold` | 0 of 10,000 violated, closest ratio 0.9998 | none |
	// <nil>
}

// A residual, the violations of an inequality and a constant that a paper
// leaves open, in words.
func ExampleSummary() {
	m := theory.NewMeasurement(20)
	m.Residual = 3e-16
	fmt.Println(theory.Summary(m, "; ", nil))
	m = theory.NewMeasurement(20)
	m.Constant = &theory.Constant{Name: "‖Δ‖F/(ε√κ*)", Value: 1.1, Low: 0.9, High: 1.4}
	fmt.Println(theory.Summary(m, "; ", nil))
	// Output:
	// residual 3.0e-16 on 20 instances
	// empirical ‖Δ‖F/(ε√κ*): 1.1 (0.9 to 1.4)
}

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/lowrankgo/lowrank/lowrankgo/theory"
)

// theoryReport is the one JSON document of "lowrank theory --json". When there
// are no numbers it has the error and nothing else.
type theoryReport struct {
	Version int    `json:"version"` // of this format
	Err     string `json:"error,omitempty"`

	*theoryBody
}

type theoryBody struct {
	Seed  uint64       `json:"seed"`
	Quick bool         `json:"quick"`
	Items []itemReport `json:"items"`
	By    identity     `json:"program"`
}

// itemReport is an item with what was measured; numbers that do not apply are
// null.
type itemReport struct {
	Name       string   `json:"name"`
	Statement  string   `json:"statement"`
	Functions  []string `json:"functions"`
	Tests      []string `json:"tests"`
	Hypotheses string   `json:"hypotheses"`

	Instances  int               `json:"instances"`
	Residual   number            `json:"residual"`
	Violations int               `json:"violations"`
	Closest    number            `json:"closest"`
	Proportion *proportionReport `json:"proportion"`
	Constant   *constantReport   `json:"empirical_constant"`
	Met        string            `json:"met"`
	Note       string            `json:"note"`
	Fails      bool              `json:"fails"`
}

type proportionReport struct {
	Successes  int     `json:"successes"`
	Trials     int     `json:"trials"`
	Confidence float64 `json:"confidence"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

type constantReport struct {
	Name  string `json:"name"`
	Value number `json:"value"`
	Low   number `json:"low"`
	High  number `json:"high"`
}

func newTheoryReport(lines []theory.Line, e theory.Effort) *theoryReport {
	body := &theoryBody{Seed: e.Seed, Quick: e.Quick, Items: []itemReport{}, By: newIdentity()}
	for _, l := range lines {
		i, m := l.Item, l.Measurement
		r := itemReport{
			Name: i.Name, Statement: i.Statement, Functions: i.Functions, Tests: i.Tests, Hypotheses: i.Hypotheses,
			Instances: m.Instances, Residual: number(m.Residual), Violations: m.Violations, Closest: number(m.Closest),
			Met: m.Met, Note: m.Note, Fails: m.Fails(),
		}
		if p := m.Proportion; p != nil {
			r.Proportion = &proportionReport{p.Successes, p.Trials, p.Confidence, p.Low, p.High}
		}
		if c := m.Constant; c != nil {
			r.Constant = &constantReport{c.Name, number(c.Value), number(c.Low), number(c.High)}
		}
		body.Items = append(body.Items, r)
	}
	return &theoryReport{Version: 1, theoryBody: body}
}

// writeTheory prints the items for people.
func writeTheory(w io.Writer, lines []theory.Line) error {
	var b strings.Builder
	for _, l := range lines {
		i, m := l.Item, l.Measurement
		fmt.Fprintf(&b, "%s: %s\n  %s\n", i.Name, i.Statement, theory.Summary(m, "\n  ", nil))
		if m.Fails() {
			b.WriteString("  VIOLATED\n")
		}
		if m.Met != "" {
			fmt.Fprintf(&b, "  met: %s\n", m.Met)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// failedItems lists the items that the numbers contradict.
func failedItems(lines []theory.Line) []string {
	var names []string
	for _, l := range lines {
		if l.Measurement.Fails() {
			names = append(names, l.Item.Name)
		}
	}
	return names
}

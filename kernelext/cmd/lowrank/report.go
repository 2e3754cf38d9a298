package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/kernelext/notebook"
	"github.com/lowrankgo/lowrank/kernelext/show"
)

// report is the one JSON document of "lowrank reproduce --json".
type report struct {
	Version   int              `json:"version"` // of this format
	Engine    string           `json:"engine"`
	Err       string           `json:"error,omitempty"` // why nothing, or not all, was run
	Notebooks []notebookReport `json:"notebooks"`
}

type notebookReport struct {
	Name    string       `json:"name"`
	Seconds float64      `json:"seconds"`
	Err     string       `json:"error"`
	Claims  []show.Claim `json:"claims"`
}

func (r *report) add(run notebook.Run) {
	claims := run.Claims
	if claims == nil {
		claims = []show.Claim{}
	}
	r.Notebooks = append(r.Notebooks, notebookReport{Name: run.Name, Seconds: run.Seconds, Err: run.Err, Claims: claims})
}

// failed counts the notebooks that stopped and the claims that fail.
func (r *report) failed() (stopped, claims int) {
	for _, n := range r.Notebooks {
		if n.Err != "" {
			stopped++
		}
		for _, c := range n.Claims {
			if c.Verdict() == show.Fails {
				claims++
			}
		}
	}
	return stopped, claims
}

// writeReport prints r as one line of JSON.
func writeReport(w io.Writer, r *report) error {
	r.Version = 1
	if r.Notebooks == nil {
		r.Notebooks = []notebookReport{}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(r)
}

// writeTables prints the claims of each notebook for people.
func writeTables(w io.Writer, r *report) error {
	var b strings.Builder
	for _, n := range r.Notebooks {
		fmt.Fprintf(&b, "%s  (%.1f s)\n", n.Name, n.Seconds)
		if n.Err != "" {
			fmt.Fprintf(&b, "stopped: %s\n", n.Err)
		}
		if len(n.Claims) > 0 {
			b.WriteString(strings.TrimRight(show.Claims(n.Claims...).String(), "\n"))
		} else {
			b.WriteString("no claims")
		}
		b.WriteString("\n\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// wantsJSON reports whether a command line that was not understood asks for
// JSON.
func wantsJSON(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool { return a == "--json" || a == "--json=true" })
}

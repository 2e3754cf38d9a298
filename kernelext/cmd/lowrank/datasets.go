package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lowrankgo/lowrank/datasets"
)

// dataSetReport is one data set in "lowrank datasets --json".
type dataSetReport struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Rows     int    `json:"rows"`
	Cols     int    `json:"cols"`
	Observed int    `json:"observed"`
	Matrix   string `json:"matrix"`
	Unit     string `json:"unit"`
	Shape    []int  `json:"shape"` // of the array in the file
	Source   string `json:"source"`
	Terms    string `json:"terms"`
	Citation string `json:"citation"`
	SHA256   string `json:"sha256"`
}

// dataSetsReport is the one JSON document of "lowrank datasets --json".
type dataSetsReport struct {
	Version  int             `json:"version"` // of this format
	DataSets []dataSetReport `json:"datasets"`
}

func newDatasets() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "datasets",
		Short: "List the data sets inside this program",
		Long: `List the data sets inside this program: name, shape of the matrix, what its rows
and columns are, where it comes from and under what terms it may be passed on.

A name stands wherever a command asks for a file: lowrank info colorado-tmax.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := dataSets()
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), r)
			}
			return writeDataSets(cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

// dataSets loads every data set for its shape.
func dataSets() (*dataSetsReport, error) {
	r := &dataSetsReport{Version: 1}
	for _, i := range datasets.List() {
		d, err := datasets.Load(i.Name)
		if err != nil {
			return nil, err
		}
		s, err := d.Summary()
		if err != nil {
			return nil, err
		}
		r.DataSets = append(r.DataSets, dataSetReport{
			Name: i.Name, Title: i.Title, Rows: s.Rows, Cols: s.Cols, Observed: s.Observed, Matrix: i.Matrix, Unit: i.Unit,
			Shape: i.Shape, Source: i.Source, Terms: i.Terms, Citation: i.Citation, SHA256: i.SHA256,
		})
	}
	return r, nil
}

// writeJSON prints v as one JSON document.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func writeDataSets(w io.Writer, r *dataSetsReport) error {
	var b strings.Builder
	for k, d := range r.DataSets {
		if k > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%-14s  %s\n", d.Name, d.Title)
		for _, line := range []struct{ what, text string }{
			{"shape", fmt.Sprintf("%d×%d, %s missing, in %s", d.Rows, d.Cols, percent(1-float64(d.Observed)/float64(d.Rows*d.Cols)), d.Unit)},
			{"matrix", d.Matrix},
			{"source", d.Source},
			{"terms", d.Terms},
			{"cite", d.Citation},
		} {
			fmt.Fprintf(&b, "  %-6s  %s\n", line.what, line.text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// percent prints a share; a few missing entries of many are not 0 %.
func percent(share float64) string {
	switch {
	case share == 0 || share == 1:
		return fmt.Sprintf("%.0f %%", 100*share)
	case share < 0.0005:
		return "under 0.1 %"
	case share > 0.9995:
		return "over 99.9 %"
	}
	return fmt.Sprintf("%.1f %%", 100*share)
}

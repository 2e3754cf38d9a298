package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lowrankgo/lowrank/datasets"
)

// infoReport is the one JSON document of "lowrank info --json". When the file
// cannot be read it has the error and nothing else.
type infoReport struct {
	Version int    `json:"version"` // of this format
	Err     string `json:"error,omitempty"`

	*fileReport
}

type fileReport struct {
	Name     string         `json:"name"`
	Format   string         `json:"format"`
	Variable string         `json:"variable,omitempty"`
	Notes    []string       `json:"notes"`
	Rows     int            `json:"rows"`
	Cols     int            `json:"cols"`
	Listed   bool           `json:"listed"` // the file lists entries; all others are missing
	Observed int            `json:"observed"`
	Missing  float64        `json:"missing"` // share
	Min      float64        `json:"min"`
	Max      float64        `json:"max"`
	Mean     float64        `json:"mean"`
	Std      float64        `json:"std"`
	RowNames bool           `json:"row_names"`
	ColNames bool           `json:"column_names"`
	Height   int            `json:"frame_height,omitempty"`
	Width    int            `json:"frame_width,omitempty"`
	Merged   int            `json:"duplicates_merged"`
	PerRow   countsReport   `json:"entries_per_row"`
	PerCol   countsReport   `json:"entries_per_column"`
	Ranks    []rankReport   `json:"ranks"`
	data     *datasets.Data // for the names in the text
}

type countsReport struct {
	Min    int     `json:"min"`
	Median float64 `json:"median"`
	Max    int     `json:"max"`
	Empty  int     `json:"empty"`
}

type rankReport struct {
	Rank         int     `json:"rank"`
	Freedom      int     `json:"degrees_of_freedom"`
	Oversampling float64 `json:"oversampling"`
	Rows         int     `json:"rows_below"`
	Cols         int     `json:"columns_below"`
}

// fileFlags are the flags of a command that reads a file.
type fileFlags struct {
	format, variable, layout, delimiter, index, duplicates string
	header, rowNames                                       string
	missing, columns                                       []string
	decimalComma, framesAsRows                             bool
	maxBytes                                               int64
	video                                                  datasets.VideoOptions
}

func newInfo() *cobra.Command {
	var (
		flags  fileFlags
		ranks  []int
		asJSON bool
	)
	cmd := &cobra.Command{
		Use:   "info FILE",
		Short: "Say what a file, or a data set, holds",
		Long: `Say what a file holds: its format, the shape of the matrix, how much of it is
missing, the range of its values, and whether rows and columns have entries
enough for a matrix of a rank: a row with fewer than r entries cannot be
recovered at rank r, nor can anything with fewer entries than r(d1+d2−r).

FILE is a file, a folder of images, a video, or the name of a data set (lowrank
datasets). Read are ` + strings.Join(datasets.Formats(), ", ") + `, with gzip or
without, and by the program ffmpeg, which must be installed, videos. The format
is found from the content; what was assumed is printed, and a flag says it
otherwise.`,
		Example: `  lowrank info ratings.csv
  lowrank info ratings.csv --rank 3 --json
  lowrank info film.mat --variable X
  lowrank info film.mp4 --width 160 --every 5
  lowrank info cases.csv --columns state,year,count
  lowrank info colorado-tmax`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newFileReport(cmd.Context(), args[0], &flags, ranks)
			switch {
			case err != nil:
				return err
			case asJSON:
				return writeJSON(cmd.OutOrStdout(), &infoReport{Version: 1, fileReport: r})
			}
			return writeInfo(cmd.OutOrStdout(), r)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	cmd.Flags().IntSliceVar(&ranks, "rank", nil, "ranks to check (default 1,2,5,10)")
	flags.add(cmd, "last") // so that duplicates can be counted
	return cmd
}

// add makes the flags known to cmd; duplicates is the default of that flag.
func (f *fileFlags) add(cmd *cobra.Command, duplicates string) {
	fl := cmd.Flags()
	fl.StringVar(&f.format, "format", "", "format of the file (default: found)")
	fl.StringVar(&f.variable, "variable", "", "array of an .npz or .mat file (default: its only one)")
	fl.StringVar(&f.layout, "layout", "auto", "of a text: auto, table or triplets")
	fl.StringVar(&f.header, "header", "auto", "whether the first line of a text has names: auto, yes or no")
	fl.StringVar(&f.rowNames, "row-names", "auto", "whether the first column of a table has names: auto, yes or no")
	fl.StringVar(&f.delimiter, "delimiter", "", `between fields: a character, "::", "tab" or "space" (default: found)`)
	fl.StringSliceVar(&f.columns, "columns", nil, "columns of triplets with row, column and value, by name or number, as state,year,count")
	fl.StringVar(&f.index, "index", "names", "what rows and columns of triplets are: names, from-0 or from-1")
	fl.StringVar(&f.duplicates, "duplicates", duplicates, "entries given again: reject, average or last")
	fl.StringSliceVar(&f.missing, "missing", nil, "further words for a missing value")
	fl.BoolVar(&f.decimalComma, "decimal-comma", false, "numbers are written 3,14")
	fl.BoolVar(&f.framesAsRows, "frames-as-rows", false, "frames of a film are rows, not columns")
	fl.Int64Var(&f.maxBytes, "max-bytes", 0, "limit of what is read, decompressed (default 2147483648)")
	fl.IntVar(&f.video.Width, "width", 0, "pixels to which frames of a video are scaled (default: as they are)")
	fl.IntVar(&f.video.Height, "height", 0, "the same for their height")
	fl.IntVar(&f.video.Start, "start", 0, "frames of a video left out at its beginning")
	fl.IntVar(&f.video.Every, "every", 1, "one of so many frames of a video is read")
	fl.IntVar(&f.video.Frames, "frames", 0, "most frames of a video that are read (default all)")
	fl.BoolVar(&f.video.Damaged, "damaged", false, "read what can be decoded of a damaged video")
}

// options makes OpenOptions of the flags.
func (f *fileFlags) options() (*datasets.OpenOptions, error) {
	o := &datasets.OpenOptions{
		Format: f.format, Variable: f.variable, Delimiter: f.delimiter, Missing: f.missing, Columns: f.columns,
		DecimalComma: f.decimalComma, FramesAsRows: f.framesAsRows, MaxBytes: f.maxBytes, Video: &f.video,
	}
	switch f.delimiter {
	case "tab", `\t`:
		o.Delimiter = "\t"
	case "space":
		o.Delimiter = " "
	}
	var layout, header, rowNames, index, duplicates int
	for _, c := range []struct {
		flag, value string
		names       []string
		to          *int
	}{
		{"layout", f.layout, []string{"auto", "table", "triplets"}, &layout},
		{"header", f.header, []string{"auto", "yes", "no"}, &header},
		{"row-names", f.rowNames, []string{"auto", "yes", "no"}, &rowNames},
		{"index", f.index, []string{"names", "from-0", "from-1"}, &index},
		{"duplicates", f.duplicates, []string{"reject", "average", "last"}, &duplicates},
	} {
		if *c.to = slices.Index(c.names, c.value); *c.to < 0 {
			return nil, usageError{fmt.Errorf("--%s is %q; %s is wanted", c.flag, c.value, strings.Join(c.names, " or "))}
		}
	}
	o.Layout, o.Header, o.RowNames = datasets.Layout(layout), datasets.Choice(header), datasets.Choice(rowNames)
	o.Index, o.Duplicates = datasets.Index(index), datasets.Duplicates(duplicates)
	return o, nil
}

// openData opens a file, or the data set of that name if there is no such file.
func openData(ctx context.Context, name string, f *fileFlags) (*datasets.Data, error) {
	o, err := f.options()
	if err != nil {
		return nil, err
	}
	_, missing := os.Stat(name)
	if !errors.Is(missing, fs.ErrNotExist) {
		return datasets.OpenContext(ctx, name, o)
	}
	var names []string
	for _, i := range datasets.List() {
		names = append(names, i.Name)
	}
	if slices.Contains(names, name) {
		return datasets.Load(name)
	}
	return nil, fmt.Errorf("there is no file %s, and no data set of that name; data sets are %s", name, strings.Join(names, ", "))
}

func newFileReport(ctx context.Context, name string, f *fileFlags, ranks []int) (*fileReport, error) {
	d, err := openData(ctx, name, f)
	if err != nil {
		return nil, err
	}
	s, err := d.Summary(ranks...)
	if err != nil {
		return nil, usageError{err}
	}
	r := &fileReport{
		Name: d.Name, Format: d.Format, Variable: d.Variable, Notes: append([]string{}, d.Notes...),
		Rows: s.Rows, Cols: s.Cols, Listed: d.Listed(), Observed: s.Observed, Missing: s.Missing,
		Min: s.Min, Max: s.Max, Mean: s.Mean, Std: s.Std,
		RowNames: d.RowNames != nil, ColNames: d.ColNames != nil, Height: d.Height, Width: d.Width, Merged: d.Merged,
		PerRow: countsReport{s.RowCounts.Min, s.RowCounts.Median, s.RowCounts.Max, s.RowCounts.Empty},
		PerCol: countsReport{s.ColCounts.Min, s.ColCounts.Median, s.ColCounts.Max, s.ColCounts.Empty},
		Ranks:  []rankReport{}, data: d,
	}
	for _, k := range s.Ranks {
		r.Ranks = append(r.Ranks, rankReport{k.Rank, k.Freedom, k.Oversampling, k.Rows, k.Cols})
	}
	return r, nil
}

// writeInfo prints a report for people: a word, two spaces or more, its value.
func writeInfo(w io.Writer, r *fileReport) error {
	var b strings.Builder
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "%-12s  %s\n", what, fmt.Sprintf(format, args...))
	}
	line("name", "%s", r.Name)
	line("format", "%s", r.Format)
	if r.Variable != "" {
		line("variable", "%s", r.Variable)
	}
	for _, n := range r.Notes {
		line("read as", "%s", n)
	}
	line("shape", "%d×%d", r.Rows, r.Cols)
	if r.Height > 0 {
		line("frames", "%d×%d pixels", r.Height, r.Width)
	}
	line("observed", "%d", r.Observed)
	line("missing", "%s", percent(r.Missing))
	line("duplicates", "%d", r.Merged)
	line("values", "%.6g to %.6g, mean %.6g, standard deviation %.6g", r.Min, r.Max, r.Mean, r.Std)
	line("row names", "%s", namesLine(r.data.RowNames))
	line("column names", "%s", namesLine(r.data.ColNames))
	line("per row", "%s", r.PerRow)
	line("per column", "%s", r.PerCol)
	fmt.Fprintf(&b, "\n%6s  %18s  %18s  %15s  %18s\n", "rank", "degrees of freedom", "entries per degree", "rows with fewer", "columns with fewer")
	for _, k := range r.Ranks {
		fmt.Fprintf(&b, "%6d  %18d  %18.2f  %15d  %18d\n", k.Rank, k.Freedom, k.Oversampling, k.Rows, k.Cols)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c countsReport) String() string {
	text := fmt.Sprintf("%d to %d entries, median %s", c.Min, c.Max, strconv.FormatFloat(c.Median, 'g', -1, 64))
	if c.Empty > 0 {
		text += fmt.Sprintf(", %d without any", c.Empty)
	}
	return text
}

// namesLine shows all names, or of many the first and the last.
func namesLine(names []string) string {
	n := len(names)
	if n > 3 {
		return fmt.Sprintf("%q, %q, … %q", names[0], names[1], names[n-1])
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return cmp.Or(strings.Join(quoted, ", "), "none")
}

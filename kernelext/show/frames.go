package show

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/plot"
)

// Frames draws chosen frames of a film and of the parts that it was split
// into, side by side: a row for each frame and a column for each part.
//
//	show.Frames{
//		Title: "People in a street", Height: 120, Width: 160, Frames: []int{10, 50, 90},
//		Parts: []show.FramePart{
//			{Name: "original", M: film},
//			{Name: "background", M: result.X},
//			{Name: "foreground", M: sparse, Signed: true},
//		},
//	}
//
// Pixel (y, x) of frame k is entry (y·Width + x, k) of a part, or with AsRows
// entry (k, y·Width + x). Only the entries of the chosen frames are read, so
// that a part may be factors, which compute an entry when it is asked for, or a
// sparse matrix. Entries that are NaN are missing: they are hatched in grey and
// named in the legend.
//
// Frames shows as one PNG image with its text. Its Figure saves itself as PDF,
// SVG and PNG, as other figures do.
type Frames struct {
	Title         string
	Height, Width int // of a frame, in pixels
	Parts         []FramePart
	Frames        []int    // to show, from 0; default the first, the middle and the last
	Labels        []string // of the rows, one for each frame shown; default "frame 40"
	AsRows        bool     // frames are the rows of the parts, not their columns
}

// FramePart is a film of the same frames: the original, its background, its
// foreground. It has one scale of colours for all the frames that are shown.
//
// The default is grey, black at Lo to white at Hi; when both are 0, from 0 to 1
// or 0 to 255 where the values shown are in there (give or take a twentieth of
// the greatest), else from the least to the greatest of them. Values outside
// are cut to the ends.
type FramePart struct {
	Name   string     // above the column; may be empty
	M      mat.Matrix // Height·Width rows and a column per frame; transposed with AsRows
	Signed bool       // blue over white at 0 to red, from −Hi to Hi, with a scale below; Hi defaults to the greatest magnitude shown
	Mask   bool       // white where M is not 0, else black
	Lo, Hi float64    // values at the ends of the colours; Lo of a Signed part is 0 or −Hi
}

const (
	mostParts  = 6  // that stand side by side
	mostFrames = 12 // that stand under each other
)

// Err returns what is wrong with f, or nil.
func (f Frames) Err() error {
	switch {
	case f.Height < 1 || f.Width < 1:
		return fmt.Errorf("show: the Frames have Height %d and Width %d; the pixels of a frame are wanted, at least 1 each", f.Height, f.Width)
	case len(f.Parts) == 0:
		return errors.New("show: the Frames have no Parts; 1 to 6 are accepted, each with a matrix M")
	case len(f.Parts) > mostParts:
		return fmt.Errorf("show: the Frames have %d Parts; at most %d fit side by side", len(f.Parts), mostParts)
	case len(f.Frames) > mostFrames:
		return fmt.Errorf("show: %d frames are chosen; at most %d fit under each other", len(f.Frames), mostFrames)
	}
	n := 0
	for i, p := range f.Parts {
		count, err := f.count(p)
		if err != nil {
			return fmt.Errorf("show: part %d %q of the Frames %w", i+1, p.Name, err)
		}
		if i > 0 && count != n {
			return fmt.Errorf("show: part %d %q of the Frames has %d frames, but the parts before have %d", i+1, p.Name, count, n)
		}
		n = count
	}
	chosen := f.chosen(n)
	for _, k := range chosen {
		if k < 0 || k >= n {
			return fmt.Errorf("show: there is no frame %d in the Frames; 0 to %d are accepted", k, n-1)
		}
	}
	if len(f.Labels) != 0 && len(f.Labels) != len(chosen) {
		return fmt.Errorf("show: the Frames have %d Labels for %d frames; as many are accepted, or none", len(f.Labels), len(chosen))
	}
	return nil
}

// count checks a part and says how many frames it has.
func (f Frames) count(p FramePart) (n int, err error) {
	switch {
	case p.M == nil:
		return 0, errors.New("has no M; a matrix is wanted")
	case p.Mask && (p.Signed || p.Lo != 0 || p.Hi != 0):
		return 0, errors.New("is a Mask, which is black and white; Signed, Lo and Hi are not accepted with it")
	case math.IsNaN(p.Lo+p.Hi) || math.IsInf(p.Hi-p.Lo, 0):
		return 0, fmt.Errorf("has Lo %v and Hi %v; finite numbers are accepted", p.Lo, p.Hi)
	case p.Signed && (p.Hi < 0 || p.Lo != 0 && p.Lo != -p.Hi):
		return 0, fmt.Errorf("is Signed and has Lo %v and Hi %v; Hi > 0 with Lo = 0 or −Hi is accepted, or 0 and 0 for the range of the data", p.Lo, p.Hi)
	case !p.Signed && p.Hi <= p.Lo && (p.Lo != 0 || p.Hi != 0):
		return 0, fmt.Errorf("has Lo %v and Hi %v; Lo < Hi is accepted, or 0 and 0 for the range of the data", p.Lo, p.Hi)
	}
	defer func() { // M is a user's, and may be a nil pointer
		if r := recover(); r != nil {
			err = fmt.Errorf("cannot be read: %v", r)
		}
	}()
	size, n := p.M.Dims()
	lines, each, other := "rows", "column", "are its rows: set AsRows"
	if f.AsRows {
		size, n = n, size
		lines, each, other = "columns", "row", "are its columns: leave AsRows out"
	}
	if size == f.Height*f.Width && n > 0 {
		return n, nil
	}
	r, c := p.M.Dims()
	err = fmt.Errorf("is %d×%d; Height·Width = %d·%d = %d %s, one for each pixel, and a %s for each frame are wanted",
		r, c, f.Height, f.Width, f.Height*f.Width, lines, each)
	if n == f.Height*f.Width {
		err = fmt.Errorf("%w (its frames %s)", err, other)
	}
	return 0, err
}

// chosen lists the frames to show of n.
func (f Frames) chosen(n int) []int {
	switch {
	case len(f.Frames) > 0:
		return f.Frames
	case n <= 3:
		return []int{0, 1, 2}[:n]
	}
	return []int{0, (n - 1) / 2, n - 1}
}

// Figure draws the frames.
func (f Frames) Figure() (fig *Figure) {
	if err := f.Err(); err != nil {
		return failed(err)
	}
	defer func() { // the matrices are a user's
		if r := recover(); r != nil {
			fig = failed(fmt.Errorf("show: a part of the Frames cannot be read: %v", r))
		}
	}()
	n, _ := f.count(f.Parts[0])
	chosen := f.chosen(n)
	g := &frameGrid{labels: f.rowLabels(chosen), aspect: min(max(float64(f.Height)/float64(f.Width), 0.1), 3)}
	info := panel{free: true, height: g.height}
	info.lines = []string{fmt.Sprintf("  %s of %d×%d pixels (%s) in %s", plural(len(chosen), "frame"), f.Height, f.Width,
		strings.Join(g.labels, ", "), plural(len(f.Parts), "part"))}
	for _, part := range f.Parts {
		c := f.column(part, chosen)
		g.columns = append(g.columns, c)
		info.lines = append(info.lines, "  "+c.describe())
		if c.missing > 0 {
			info.entries = []entry{{"missing", -1, hatch{}}}
		}
	}
	p := newPlot(f.Title, "", "")
	p.HideAxes()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	p.Add(g)
	return &Figure{Plots: []*plot.Plot{p}, panels: []panel{info}, Wide: len(f.Parts) > 2, width: g.noteWidth()}
}

// rowLabels are the labels of the chosen frames.
func (f Frames) rowLabels(chosen []int) []string {
	if len(f.Labels) > 0 {
		return f.Labels
	}
	var labels []string
	for _, k := range chosen {
		labels = append(labels, fmt.Sprintf("frame %d", k))
	}
	return labels
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Render is how the frames show in a notebook: as PNG, since they are pixels,
// and text.
func (f Frames) Render() struct {
	Data      map[string]interface{}
	Metadata  map[string]interface{}
	Transient map[string]interface{}
} {
	return f.Figure().pngBundle()
}

// String is the figure's text.
func (f Frames) String() string { return f.Figure().String() }

package datasets

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// findFFmpeg returns the path of the program, or says how to get it.
func findFFmpeg(program string) (string, error) {
	path, err := exec.LookPath(cmp.Or(program, "ffmpeg"))
	if err != nil {
		return "", fmt.Errorf("videos are read and written by the program ffmpeg, and there is none; install it (Debian, Ubuntu: apt install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), or set FFmpeg to its path: %w", err)
	}
	return path, nil
}

// process is a running ffmpeg. No shell is between.
type process struct {
	cmd  *exec.Cmd
	errs tail
}

func newProcess(ctx context.Context, program string, args []string) *process {
	p := &process{cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Stderr = &p.errs
	p.cmd.WaitDelay = time.Second // for a grandchild that holds a pipe
	return p
}

// startDecoder runs ffmpeg so that its output can be read.
func startDecoder(ctx context.Context, program string, args []string) (*process, io.Reader, error) {
	p := newProcess(ctx, program, args)
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	return p, out, err
}

// startEncoder runs ffmpeg so that its input can be written; closing the
// writer ends it.
func startEncoder(ctx context.Context, program string, args []string) (*process, io.WriteCloser, error) {
	p := newProcess(ctx, program, args)
	in, err := p.cmd.StdinPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	return p, in, err
}

// kill ends the process; wait is still to be called.
func (p *process) kill() { _ = p.cmd.Process.Kill() }

func (p *process) wait() error { return p.cmd.Wait() }

// complaint is what ffmpeg said last, on standard error: its last two lines,
// without addresses and the path, so that the same file gives the same message.
func (p *process) complaint(path string) string {
	text := strings.TrimSpace(p.errs.String())
	if strings.Contains(text, "Stream map '0:V:0' matches no streams") {
		return "it has no video stream"
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-2):]
	for k, line := range lines {
		line = strings.TrimSpace(line)
		if before, after, ok := strings.Cut(line, "] "); ok && strings.HasPrefix(before, "[") && strings.Contains(before, " @ ") {
			line = after
		}
		lines[k] = strings.TrimPrefix(line, "file:"+path+": ")
	}
	return strings.Join(lines, "; ")
}

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

const tailSize = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if len(t.b) > 2*tailSize {
		t.b = append(t.b[:0], t.b[len(t.b)-tailSize:]...)
	}
	return len(p), nil
}

func (t *tail) String() string { return string(bytes.ToValidUTF8(t.b, []byte("?"))) }

// pgmHeader reads the header of a raw PGM image of 256 greys, as ffmpeg writes
// it, or io.EOF at the end of the stream.
func pgmHeader(r *bufio.Reader) (h, w int, err error) {
	if _, err := r.Peek(1); err != nil {
		return 0, 0, err
	}
	var lines [3]string
	for k := range lines {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, 0, fmt.Errorf("its header breaks off in %.20q", line)
		}
		lines[k] = string(line)
	}
	text := strings.Join(lines[:], "")
	if n, err := fmt.Sscanf(text, "P5\n%d %d\n255\n", &w, &h); n != 2 || err != nil || w < 1 || h < 1 || w > mostPixels || h > mostPixels {
		return 0, 0, fmt.Errorf("its header is %.40q", text)
	}
	return h, w, nil
}

using System.Text;
using Vms.Recorder.Exports;

namespace Vms.Recorder.Tests.Exports;

public sealed class ConversionProgressTests
{
    [Fact]
    public void It_is_read_from_lines_that_are_cut_anywhere()
    {
        byte[] said = Encoding.ASCII.GetBytes("frame=12\nfps=0.00\ntotal_size=48\nprogress=continue\nframe=  250\ntotal_size=1234567890123\nout_time=00:00:10.0\nprogress=end\n");
        for (int cut = 1; cut < said.Length; cut++)
        {
            var progress = new ConversionProgress();
            progress.Add(said.AsSpan(0, cut));
            progress.Add(said.AsSpan(cut));
            Assert.Equal((250, 1234567890123), (progress.Pictures, progress.TotalBytes));
        }
    }

    [Fact]
    public void What_is_no_number_or_longer_than_a_line_is_passed_over()
    {
        var progress = new ConversionProgress();
        progress.Add(Encoding.ASCII.GetBytes($"frame=3\nframe=N/A\ntotal_size=\n=5\n\n{new string('x', 100_000)}frame=9\ntotal_size={new string('9', 60)}\n"));
        Assert.Equal((3, 0), (progress.Pictures, progress.TotalBytes));
    }
}

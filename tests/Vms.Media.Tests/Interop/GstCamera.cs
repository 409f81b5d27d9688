using System.Globalization;
using System.Text.RegularExpressions;
using Vms.Testing;
using Vms.Testing.Footage;
using Vms.Testing.Processes;

namespace Vms.Media.Tests.Interop;

/// <summary>Starts <c>gst_camera.py</c>.</summary>
internal static partial class GstCamera
{
    public static async Task<ChildProcess> StartAsync(H264Footage footage, IEnumerable<string> options)
    {
        string script = Path.Combine(TestPaths.Repository, "tests", "Vms.Media.Tests", "Interop", "gst_camera.py");
        string fps = footage.Spec.FrameRate.ToString(CultureInfo.InvariantCulture);
        var server = await ChildProcess.StartAsync("/usr/bin/python3", [script, footage.Path, "--fps", fps, .. options]);
        await server.WaitForOutputAsync(output => Listening().IsMatch(output), TimeSpan.FromSeconds(30));
        return server;
    }

    public static string PortOf(ChildProcess server) => Listening().Match(server.Output).Groups[1].Value;

    [GeneratedRegex("listening ([0-9]+)")]
    private static partial Regex Listening();
}

using System.Diagnostics;

namespace Vms.Hosting.Decoding;

/// <summary>Starts this program again as a child that decodes what cameras send, and talks through two pipes alone.</summary>
public static class DecoderChild
{
    /// <summary>Nothing of our environment goes along: it holds secrets.</summary>
    /// <param name="program">Which of our programs, as <c>vms-media</c>; it lies beside this one.</param>
    /// <param name="argument">What makes it a child of that kind.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    public static Process Start(string program, string argument)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        string name = Path.Combine(AppContext.BaseDirectory, program);
        string native = OperatingSystem.IsWindows() ? name + ".exe" : name;
        if (File.Exists(native))
        {
            start.FileName = native;
        }
        else
        {
            start.FileName = "dotnet";
            start.ArgumentList.Add(name + ".dll");
        }

        start.ArgumentList.Add(argument);
        foreach (var key in start.Environment.Keys.Where(k => k is not ("PATH" or "SystemRoot" or "DOTNET_ROOT" or "TMPDIR" or "TEMP")).ToList())
            start.Environment.Remove(key);
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x8000000";      // 128 MiB: messages; what is decoded lies outside the managed heap
        return Process.Start(start)!;
    }

    /// <summary>Ends it, whether or not it has ended by itself.</summary>
    public static void End(Process child)
    {
        ArgumentNullException.ThrowIfNull(child);
        try
        {
            child.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        child.Dispose();
    }
}

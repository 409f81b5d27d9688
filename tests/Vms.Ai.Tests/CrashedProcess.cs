using System.Text;
using Vms.Hosting;

namespace Vms.Ai.Tests;

/// <summary>What a process that ended in the middle of something leaves behind.</summary>
internal static class CrashedProcess
{
    private const int PlaceBytes = 256;

    /// <summary>As one place after the other: that it is taken, length of the name, name.</summary>
    /// <param name="notes">The file's name in the state directory.</param>
    internal static void LeaveNotes(PlaneOptions options, string notes, params ReadOnlySpan<string> names)
    {
        byte[] places = new byte[PlaceBytes * names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            places[i * PlaceBytes] = 1;
            places[(i * PlaceBytes) + 1] = (byte)names[i].Length;
            Encoding.ASCII.GetBytes(names[i], places.AsSpan((i * PlaceBytes) + 2));
        }

        Directory.CreateDirectory(options.StateDirectory);
        File.WriteAllBytes(Path.Combine(options.StateDirectory, notes), places);
    }
}

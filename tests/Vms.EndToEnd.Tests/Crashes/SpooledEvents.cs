using System.Buffers.Binary;
using System.Text;
using Vms.Codecs;

namespace Vms.EndToEnd.Tests.Crashes;

/// <summary>Events that wait on the disk for the bus, as <c>vms-ai</c> leaves them there when it ends: it sends them when it starts.</summary>
/// <remarks>Record: length (4, little endian), CRC32C (4), then subject, message id and payload, parted by line feeds.</remarks>
internal static class SpooledEvents
{
    private const int HeaderBytes = 8;

    /// <summary>As the last file of the spool, behind what is in it. <c>vms-ai</c> must not run.</summary>
    /// <param name="dataDirectory">Of the product.</param>
    public static void Write(string dataDirectory, IEnumerable<(string Subject, string MessageId, string Json)> events)
    {
        var folder = Path.Combine(dataDirectory, "state", "analysis-events");
        var position = File.ReadAllBytes(Path.Combine(folder, "position"));
        var last = Directory.EnumerateFiles(folder, "*.spool").Select(f => long.Parse(Path.GetFileNameWithoutExtension(f), System.Globalization.CultureInfo.InvariantCulture))
            .Append(position.Length < sizeof(long) ? 0 : BinaryPrimitives.ReadInt64LittleEndian(position)).Max();
        using var file = new FileStream(Path.Combine(folder, FormattableString.Invariant($"{last + 1:d12}.spool")), FileMode.CreateNew);
        var header = new byte[HeaderBytes];
        foreach (var (subject, messageId, json) in events)
        {
            var body = Encoding.UTF8.GetBytes($"{subject}\n{messageId}\n{json}");
            BinaryPrimitives.WriteInt32LittleEndian(header, body.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), Crc32C.Of(body));
            file.Write(header);
            file.Write(body);
        }
    }
}

using System.Buffers.Text;
using System.Text;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Devices.Dahua;

/// <summary>Reads one part of eventManager's attach: "Code=VideoMotion;action=Start;index=0;data={…}". Sans-IO.</summary>
internal static class DahuaEvent
{
    /// <summary>Null for a heartbeat and for what is neither motion nor a contact.</summary>
    public static NvrEvent? Read(ReadOnlySpan<byte> part)
    {
        // What the rule saw is in data, as JSON over several lines; nothing of it is needed.
        int data = part.IndexOf(";data="u8);
        var rest = (data < 0 ? part : part[..data]).Trim(" \t\r\n"u8);
        NvrEventKind? kind = null;
        bool? state = null;
        bool known = false;
        int index = -1;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)';');
            var field = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            int equals = field.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            var name = field[..equals];
            var value = field[(equals + 1)..];
            if (Ascii.EqualsIgnoreCase(name, "Code"u8))
                kind = KindOf(value);
            else if (Ascii.EqualsIgnoreCase(name, "action"u8))
                (known, state) = StateOf(value);
            else if (Ascii.EqualsIgnoreCase(name, "index"u8))
                index = Utf8Parser.TryParse(value, out int number, out _) && number is >= 0 and < NvrChannel.MaxChannels ? number : -1;
        }

        return kind is { } what && known && index >= 0 ? new NvrEvent(what, index + 1, state) : null;
    }

    private static NvrEventKind? KindOf(ReadOnlySpan<byte> code) =>
        Ascii.EqualsIgnoreCase(code, "VideoMotion"u8) ? NvrEventKind.Motion : Ascii.EqualsIgnoreCase(code, "AlarmLocal"u8) ? NvrEventKind.Input : null;

    private static (bool Known, bool? State) StateOf(ReadOnlySpan<byte> action) =>
        Ascii.EqualsIgnoreCase(action, "Start"u8) ? (true, true)
        : Ascii.EqualsIgnoreCase(action, "Stop"u8) ? (true, false)
        : (Ascii.EqualsIgnoreCase(action, "Pulse"u8), null);
}

namespace Vms.Control.Devices.Nvr;

internal enum NvrEventKind
{
    Motion,
    Input,
}

/// <summary>Something happened at a recorder.</summary>
/// <param name="Number">Of the channel, or of the input.</param>
/// <param name="State">True: begins or goes on. False: is over. Null: has happened and has no length.</param>
internal readonly record struct NvrEvent(NvrEventKind Kind, int Number, bool? State);

namespace Vms.Onvif.Soap;

/// <summary>Whom a device shall let in. <see cref="ToString"/> keeps the password to itself.</summary>
public sealed record OnvifCredentials(string Username, string Password)
{
    /// <summary>Ceiling of both, characters.</summary>
    public const int MaxLength = 128;

    /// <summary>HTTP's Basic may be answered, which shows the password to everybody on the way: for TLS, or when the operator wants it.</summary>
    public bool AllowClear { get; init; }

    /// <summary>SOAP's token holds the password as it is: for a device that takes nothing else. Which one does cannot be found out without a second try.</summary>
    public bool TokenInClear { get; init; }

    public override string ToString() => $"{Username}:***";
}

using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Generators;

namespace Vms.Control.Integrations.Sensors;

/// <summary>A password that we make for a sensor, and what nats-server checks it with.</summary>
internal static class SensorPassword
{
    private const int Length = 32;
    private const int SaltBytes = 16;

    /// <summary>Low: nobody guesses 32 random characters, and each connection costs it.</summary>
    private const int Cost = 5;

    public static (string Password, string Hash) New()
    {
        var password = RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", Length);
        return (password, OpenBsdBCrypt.Generate(password.ToCharArray(), RandomNumberGenerator.GetBytes(SaltBytes), Cost));
    }
}

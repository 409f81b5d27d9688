import { catalogue } from "@/i18n/catalogue";

export const words = catalogue(
  {
    noPictureThen: "No picture of this time",
    wholePicture: "Show the whole picture",
    wholePictureKey: "Show the whole picture (0)",
    camera: "Camera",
  },
  {
    noPictureThen: "Kein Bild aus dieser Zeit",
    wholePicture: "Ganzes Bild zeigen",
    wholePictureKey: "Ganzes Bild zeigen (0)",
    camera: "Kamera",
  },
);

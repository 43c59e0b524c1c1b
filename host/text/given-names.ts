/**
 * Given names that are common somewhere and are no words of English or of robotics ("Will", "Ruby", "Alexa"
 * are not here): with them a person is found in the middle of a sentence. In lower case, without accents.
 */
const NAMES =
  "aaron abigail adam adele adrian agnes ahmed aisha alan albert alejandro alessandro alexander alexandra alexis alfred " +
  "ali alice alicia alina allison amanda amelia amir amit amy anastasia andrea andreas andrew andrey angela " +
  "anika anita anja anna anne annika anthony antoine antonio anton arjun arthur astrid aurora ava barbara beatrice ben " +
  "benjamin bernard bernd beth bianca birgit bjorn boris brandon brenda brian bridget bruno camila camille carla " +
  "carlos carmen caroline catherine cecilia cedric charles chiara chloe christian christina christine christoph " +
  "christopher claire clara claudia clemens connor cynthia daniel daniela david deborah denis denise dennis deepak " +
  "diana diego dieter dimitri dirk dmitry dominik donald dorothy edward edith elena eleanor elias elisabeth elizabeth " +
  "ella ellen emil emilia emily emma eric erik erika ethan eugene eva evelyn fatima felix fernando finn florian " +
  "francesca francesco francis francois frederic frieda gabriel gabriela genevieve george gerald gerhard gianna giovanni " +
  "giulia gloria greta gregory guillaume gunther hannah hans harald harriet harold hassan heather heidi heike heinrich helen " +
  "helena helga henrik henry hiro hiroshi holger hugo ian ibrahim igor ilse imran ines ingrid irene irina isaac isabel isabella " +
  "ivan jacob jacqueline james jamie jan jana janet jasmine jason javier jean jeffrey jennifer jens jeremy jerome " +
  "jessica joanna johan johanna johannes john jonas jonathan jose josef joseph josephine joshua juan juergen jurgen " +
  "julian julie julien jun justin karen karin karl karla kate katharina katherine kathleen katja katrin keith kelly kenji kenneth " +
  "kevin khalid kimberly klaus kristina lars laura lauren laurent lea lena leon leonard leonie leticia liam lila lina linda lisa " +
  "lorenzo louis louise luca lucas lucia lucy luis luisa lukas magdalena maja manuel manuela marc marcel marco marcus margaret " +
  "maria marian marie marina mario marion marius markus marta martha martin martina mary mateo mathias matteo matthew matthias " +
  "maximilian megan mei melanie melissa mia michael michaela michelle miguel mikhail mila miriam mohamed mohammed monica monika " +
  "muhammad nadia nadine nancy naomi natalia natalie natasha nathan neha nicholas nico nicolas nicole niklas nikolai nina noah noor " +
  "nora olaf oleg olga oliver olivia omar oscar pablo pamela patricia patrick paul paula pauline pedro petra philip " +
  "philipp philippe pierre priya rachel rafael rahul rainer raj ralf ramona raphael rebecca regina renate ricardo richard rita robert " +
  "roberto rohan roland rosa rudolf ryan sabine sabrina sakura salma samantha samuel sandra sanjay sara sarah sascha scott sean sebastian " +
  "sergey sergei sergio sharon sigrid silke silvia simon simone sofia sonja sophia sophie stefan stefanie stella stephan stephanie " +
  "stephen steven susan susanne svetlana sven takashi tamara tanja tatiana thea theodor theresa therese thomas tim timothy tobias tomas " +
  "tomasz torsten ulrich ulrike ursula valentina valeria vanessa vera veronica vincent viola vladimir walter wendy werner wilhelm william " +
  "wolfgang xavier xiaoming yara yasmin yolanda yuki yusuf yvonne zoe zofia";

/** The names, in lower case and without accents. */
export const GIVEN_NAMES: ReadonlySet<string> = new Set(NAMES.split(" "));
